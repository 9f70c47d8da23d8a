/* Make the Python objects of a packet.

   Texts that repeat from packet to packet (route codes, tags) are made once: the last one
   of each field is remembered for the length of one call, while its octets stay valid. */

#ifndef SUBUNIT2_OBJECTS_H
#define SUBUNIT2_OBJECTS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "octets.h"

typedef struct {
    PyObject *packet_type;
    PyObject *timestamp_type;
    PyObject *passthrough_type;
    PyObject *crc32;
    PyObject *statuses; /* A tuple, by number. */
} State;

/* The values of a packet beside its fields. */
typedef struct {
    unsigned flags;
    long long offset;
    uint32_t length;
    int recovered;
} Frame;

/* The last text, or texts, of a field. */
typedef struct {
    Span octets;
    PyObject *value;
} Repeated;

static PyObject *
new_text(Span text)
{
    return PyUnicode_DecodeUTF8((const char *)text.at, (Py_ssize_t)text.size, NULL);
}

static PyObject *
new_octets(Span octets)
{
    return PyBytes_FromStringAndSize((const char *)octets.at, (Py_ssize_t)octets.size);
}

static PyObject *
new_texts(Span texts, uint32_t count)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    if (tuple == NULL) {
        return NULL;
    }
    Cursor in = {texts.at, texts.at + texts.size};
    for (Py_ssize_t i = 0; i < (Py_ssize_t)count; i++) {
        Span each;
        PyObject *text = NULL;
        if (take_text(&in, UINT32_MAX, &each)) {
            text = new_text(each);
        }
        if (text == NULL) {
            Py_DECREF(tuple);
            return NULL;
        }
        PyTuple_SET_ITEM(tuple, i, text);
    }
    return tuple;
}

static PyObject *
remember(Repeated *last, Span octets, PyObject *value)
{
    if (value != NULL) {
        Py_XSETREF(last->value, Py_NewRef(value));
        last->octets = octets;
    }
    return value;
}

static PyObject *
repeated_text(Repeated *last, Span text)
{
    if (last->value != NULL && same_octets(last->octets, text)) {
        return Py_NewRef(last->value);
    }
    return remember(last, text, new_text(text));
}

/* Equal octets are equally many texts: they include the size of each. */
static PyObject *
repeated_texts(Repeated *last, Span texts, uint32_t count)
{
    if (last->value != NULL && same_octets(last->octets, texts)) {
        return Py_NewRef(last->value);
    }
    return remember(last, texts, new_texts(texts, count));
}

static void
forget(Repeated *recent, int count)
{
    for (int i = 0; i < count; i++) {
        Py_CLEAR(recent[i].value);
    }
}

/* Release the values that were made before one failed. */
static PyObject *
drop(PyObject **values, int count)
{
    while (count--) {
        Py_DECREF(values[count]);
    }
    return NULL;
}

/* An object of these values, whose references it takes; NULL with an exception. */
static PyObject *
new_of(PyObject *type, PyObject **values, int count)
{
    PyObject *made = NULL;
    int made_values = 0;
    while (made_values < count && values[made_values] != NULL) {
        made_values++;
    }
    if (made_values == count) {
        made = PyObject_Vectorcall(type, values, (size_t)count, NULL);
    }
    for (int i = 0; i < count; i++) {
        Py_XDECREF(values[i]);
    }
    return made;
}

static PyObject *
new_timestamp(State *state, uint32_t seconds, uint32_t nanoseconds)
{
    PyObject *values[] = {
        PyLong_FromUnsignedLong(seconds),
        PyLong_FromUnsignedLong(nanoseconds),
    };
    return new_of(state->timestamp_type, values, 2);
}

static PyObject *
new_passthrough(State *state, Span octets, long long offset)
{
    PyObject *values[] = {new_octets(octets), PyLong_FromLongLong(offset)};
    return new_of(state->passthrough_type, values, 2);
}

#endif
