/* The fast path of the reader, compiled: canonical packets and lines of plain output.

   Strategy: the same as in packets/fast.py. The layout of a packet is generated from
   subunit2.ksy (layout_generated.h). All fields are found before an object is made, so a
   packet that is not canonical costs none. Such a packet is left to the reader and to the
   reference decoder, which alone name errors.

   Optional: without a C compiler packets/fast.py is used, which does the same. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "crc.h"
#include "layout_generated.h"
#include "objects.h"
#include "octets.h"

/* --- Imports ------------------------------------------------------------------------- */

static PyObject *
import_from(const char *module_name, const char *name)
{
    PyObject *module = PyImport_ImportModule(module_name);
    if (module == NULL) {
        return NULL;
    }
    PyObject *found = PyObject_GetAttrString(module, name);
    Py_DECREF(module);
    return found;
}

static PyObject *
new_statuses(void)
{
    PyObject *statuses = PyTuple_New(NUM_STATUSES);
    for (int number = 0; statuses != NULL && number < NUM_STATUSES; number++) {
        const char *name = STATUSES[number];
        PyObject *status = name ? PyUnicode_InternFromString(name) : Py_NewRef(Py_None);
        if (status == NULL) {
            Py_CLEAR(statuses);
        }
        else {
            PyTuple_SET_ITEM(statuses, number, status);
        }
    }
    return statuses;
}

static void
clear(State *state)
{
    Py_CLEAR(state->packet_type);
    Py_CLEAR(state->timestamp_type);
    Py_CLEAR(state->passthrough_type);
    Py_CLEAR(state->crc32);
    Py_CLEAR(state->statuses);
}

/* The state of the module; NULL with an exception. Its imports are done at the first use:
   backend.py imports this module only to learn whether it exists. */
static State *
loaded_state(PyObject *module)
{
    State *state = PyModule_GetState(module);
    if (state->statuses != NULL) {
        return state;
    }
    /* Imports let other threads run: the state is filled only when it is complete. */
    State found = {0};
    if ((found.packet_type = import_from("subunit2.items", "ReadPacket")) == NULL
        || (found.timestamp_type = import_from("subunit2.items", "Timestamp")) == NULL
        || (found.passthrough_type = import_from("subunit2.items", "Passthrough")) == NULL
        || (found.crc32 = import_from("subunit2.packets.crc", "crc32")) == NULL
        || (found.statuses = new_statuses()) == NULL) {
        clear(&found);
        return NULL;
    }
    if (state->statuses == NULL) {
        *state = found;
    }
    else {
        clear(&found);
    }
    return state;
}

/* --- A packet ------------------------------------------------------------------------ */

/* A packet; NULL without an exception if it is not canonical. */
static PyObject *
decode_fields(State *state, Repeated *recent, Cursor in, const Frame *frame)
{
    Fields fields = {0};
    if (!read_fields(&in, frame->flags, &fields) || in.at != in.end) {
        return NULL;
    }
    PyObject *packet = new_packet(state, recent, &fields, frame);
    if (packet == NULL && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        PyErr_Clear();
    }
    return packet;
}

/* --- The stream ---------------------------------------------------------------------- */

/* From this size on, in octets, a checksum is computed by subunit2.packets.crc. */
#define LARGE 2048
#define CHECKSUM_SIZE 4

/* Upper bound of items in a call, so that signals are handled between calls. */
#define MOST_ITEMS 1024

/* Whether the checksum of a packet matches; -1 with an exception. */
static int
holds(State *state, const uint8_t *start, uint32_t length)
{
    uint32_t end = length - CHECKSUM_SIZE;
    if (length < LARGE) {
        return crc_of(start, end) == u4_at(start + end);
    }
    PyObject *view = PyMemoryView_FromMemory((char *)start, (Py_ssize_t)end, PyBUF_READ);
    if (view == NULL) {
        return -1;
    }
    PyObject *number = PyObject_CallOneArg(state->crc32, view);
    Py_DECREF(view);
    if (number == NULL) {
        return -1;
    }
    unsigned long crc = PyLong_AsUnsignedLong(number);
    Py_DECREF(number);
    if (PyErr_Occurred()) {
        return -1;
    }
    return crc == u4_at(start + end);
}

/* Read a canonical header into `frame`, and find its fields. 0 if it is not canonical or
   not complete. */
static int
read_frame(const uint8_t *start, const uint8_t *end, Frame *frame, const uint8_t **fields)
{
    Cursor in = {start, end};
    if (end - start < 4 || start[0] != SIGNATURE) {
        return 0;
    }
    frame->flags = (unsigned)start[1] << 8 | start[2];
    in.at += 3;
    if (!is_version(frame->flags) || !take_number(&in, MAX_PACKET, &frame->length)) {
        return 0;
    }
    ptrdiff_t header = in.at - start;
    /* A length counts its own octets: written with one octet less, it is one less. */
    if (frame->length < (uint32_t)header + CHECKSUM_SIZE
        || frame->length - 1 < LEAST_NUMBER[header - 4]) {
        return 0;
    }
    *fields = in.at;
    return 1;
}

static int
append_and_drop(PyObject *items, PyObject *item)
{
    if (item == NULL) {
        return -1;
    }
    int failed = PyList_Append(items, item);
    Py_DECREF(item);
    return failed;
}

/* Whether a small intact packet starts at `at`. */
static int
begins_small(const uint8_t *at, const uint8_t *end)
{
    Frame frame = {0};
    const uint8_t *fields;
    return read_frame(at, end, &frame, &fields) && frame.length < LARGE
        && frame.length <= (size_t)(end - at)
        && crc_of(at, frame.length - CHECKSUM_SIZE) == u4_at(at + frame.length - CHECKSUM_SIZE);
}

static int
is_ascii(Span octets)
{
    for (size_t i = 0; i < octets.size; i++) {
        if (octets.at[i] & 0x80) {
            return 0;
        }
    }
    return 1;
}

/* The octets before the next signature, if they are passthrough: see packets/fast.py. */
static int
take_lines(const uint8_t *at, const uint8_t *end, Span *lines)
{
    const uint8_t *following = memchr(at, SIGNATURE, (size_t)(end - at));
    if (following == NULL || following == at) {
        return 0;
    }
    lines->at = at;
    lines->size = (size_t)(following - at);
    return following[-1] == '\n' || (is_ascii(*lines) && begins_small(following, end));
}

PyDoc_STRVAR(read_packets_doc,
    "read_packets(data, index, base, items, claimed_end=0)\n--\n\n"
    "Append the packets and lines from `index` on to `items`.\n\n"
    "The same as `subunit2.packets.fast.read_packets`.");

static PyObject *
read_packets(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    State *state = loaded_state(module);
    if (state == NULL) {
        return NULL;
    }
    if (nargs < 4 || nargs > 5 || !PyBytes_Check(args[0]) || !PyList_Check(args[3])) {
        PyErr_SetString(PyExc_TypeError, "read_packets(bytes, int, int, list, int=0)");
        return NULL;
    }
    Py_ssize_t size = PyBytes_GET_SIZE(args[0]);
    Py_ssize_t index = PyLong_AsSsize_t(args[1]);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    long long base = PyLong_AsLongLong(args[2]);
    if (base == -1 && PyErr_Occurred()) {
        return NULL;
    }
    long long claimed_end = nargs == 5 ? PyLong_AsLongLong(args[4]) : 0;
    if (claimed_end == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (index < 0 || index > size) {
        PyErr_SetString(PyExc_IndexError, "index");
        return NULL;
    }
    PyObject *items = args[3];
    const uint8_t *start = (const uint8_t *)PyBytes_AS_STRING(args[0]);
    const uint8_t *end = start + size;
    const uint8_t *at = start + index;
    Repeated recent[NUM_RECENT] = {0};
    /* Inside a range that is claimed already, large packets are left to the reader: fast.py. */
    uint32_t most = base + index < claimed_end ? LARGE : MAX_PACKET;
    int failed = 0;
    for (int count = 0; count < MOST_ITEMS && at < end; count++) {
        Frame frame = {.offset = base + (at - start)};
        const uint8_t *fields;
        PyObject *item;
        if (read_frame(at, end, &frame, &fields)) {
            if (frame.length > (size_t)(end - at) || frame.length > most) {
                break;
            }
            int is_intact = holds(state, at, frame.length);
            if (is_intact <= 0) {
                failed = is_intact;
                break;
            }
            /* clause recovery.recovered */
            frame.recovered = frame.offset < claimed_end;
            Cursor in = {fields, at + frame.length - CHECKSUM_SIZE};
            item = decode_fields(state, recent, in, &frame);
            if (item == NULL) {
                failed = PyErr_Occurred() ? -1 : 0;
                break;
            }
            at += frame.length;
        }
        else {
            Span lines;
            if (*at == SIGNATURE || !take_lines(at, end, &lines)) {
                break;
            }
            item = new_passthrough(state, lines, frame.offset);
            at += lines.size;
        }
        failed = append_and_drop(items, item);
        if (failed) {
            break;
        }
    }
    forget(recent, NUM_RECENT);
    return failed ? NULL : PyLong_FromSsize_t(at - start);
}

PyDoc_STRVAR(decode_canonical_doc,
    "decode_canonical(octets, offset, recovered)\n--\n\n"
    "Return the packet of intact octets, or None if it is not canonical.\n\n"
    "The checksum is not compared.");

static PyObject *
decode_canonical(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    State *state = loaded_state(module);
    if (state == NULL) {
        return NULL;
    }
    if (nargs != 3 || !PyBytes_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "decode_canonical(bytes, int, bool)");
        return NULL;
    }
    const uint8_t *start = (const uint8_t *)PyBytes_AS_STRING(args[0]);
    Py_ssize_t size = PyBytes_GET_SIZE(args[0]);
    Frame frame = {.offset = PyLong_AsLongLong(args[1])};
    if (frame.offset == -1 && PyErr_Occurred()) {
        return NULL;
    }
    frame.recovered = PyObject_IsTrue(args[2]);
    if (frame.recovered < 0) {
        return NULL;
    }
    const uint8_t *fields;
    if (!read_frame(start, start + size, &frame, &fields) || frame.length != (size_t)size) {
        Py_RETURN_NONE;
    }
    Repeated recent[NUM_RECENT] = {0};
    Cursor in = {fields, start + size - CHECKSUM_SIZE};
    PyObject *packet = decode_fields(state, recent, in, &frame);
    forget(recent, NUM_RECENT);
    if (packet == NULL && !PyErr_Occurred()) {
        Py_RETURN_NONE;
    }
    return packet;
}

/* --- Classes of a metaclass that is written in Python --------------------------------- */

PyDoc_STRVAR(enable_vectorcall_doc,
"enable_vectorcall($module, metaclass, /)\n--\n\n"
"Call the classes of a metaclass as those of its base are called.\n\n"
"From Python 3.12 on this is so anyway. The metaclass must not have a `__call__`.");

static PyObject *
enable_vectorcall(PyObject *module, PyObject *metaclass)
{
    (void)module;
    if (!PyType_Check(metaclass)) {
        PyErr_SetString(PyExc_TypeError, "a metaclass");
        return NULL;
    }
#if PY_VERSION_HEX < 0x030C0000
    /* The offset is inherited already: 3.11 leaves out only the flag. */
    PyTypeObject *type = (PyTypeObject *)metaclass;
    if (PyType_HasFeature(type->tp_base, Py_TPFLAGS_HAVE_VECTORCALL)
        && type->tp_vectorcall_offset == type->tp_base->tp_vectorcall_offset
        && type->tp_call == type->tp_base->tp_call) {
        type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
        PyType_Modified(type);
    }
#endif
    Py_RETURN_NONE;
}

/* --- The module ---------------------------------------------------------------------- */

static int
exec_module(PyObject *module)
{
    fill_crc_tables();
    return PyModule_AddStringConstant(module, "LAYOUT", LAYOUT);
}

static int
traverse_module(PyObject *module, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(module);
    Py_VISIT(state->packet_type);
    Py_VISIT(state->timestamp_type);
    Py_VISIT(state->passthrough_type);
    Py_VISIT(state->crc32);
    Py_VISIT(state->statuses);
    return 0;
}

static int
clear_module(PyObject *module)
{
    clear(PyModule_GetState(module));
    return 0;
}

static void
free_module(void *module)
{
    clear_module(module);
}

static PyMethodDef methods[] = {
    {"read_packets", (PyCFunction)(void (*)(void))read_packets, METH_FASTCALL, read_packets_doc},
    {"decode_canonical", (PyCFunction)(void (*)(void))decode_canonical, METH_FASTCALL, decode_canonical_doc},
    {"enable_vectorcall", enable_vectorcall, METH_O, enable_vectorcall_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, exec_module},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "subunit2.packets._speedups",
    .m_doc = "The functions of subunit2.packets.fast, compiled.",
    .m_size = sizeof(State),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = traverse_module,
    .m_clear = clear_module,
    .m_free = free_module,
};

PyMODINIT_FUNC
PyInit__speedups(void)
{
    return PyModuleDef_Init(&definition);
}
