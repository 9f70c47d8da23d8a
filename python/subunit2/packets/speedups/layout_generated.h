/* Generated from subunit2.ksy by tools/packet_decoder. Do not edit: `make generate`. */

/* The fields of a packet: `read_fields` finds the ones that its flags announce, and
   `new_packet` makes the packet. */

#ifndef SUBUNIT2_LAYOUT_GENERATED_H
#define SUBUNIT2_LAYOUT_GENERATED_H

#include "objects.h"
#include "octets.h"

#define LAYOUT "9b53ab776e53007c"
#define SIGNATURE 0xB3
#define MAX_PACKET ((1u << 22) - 1)
#define STATUS_MASK 0x0007u
#define NUM_STATUSES 8

static const char *const STATUSES[NUM_STATUSES] = {
    NULL,
    "exists",
    "inprogress",
    "success",
    "uxsuccess",
    "skip",
    "fail",
    "xfail",
};

/* Version 2, the reserved bit clear. */
static inline int
is_version(unsigned flags)
{
    return (flags & 0xF008u) == 0x2000u;
}

/* Fields whose last text is remembered. */
enum {
    RECENT_TEST_ID,
    RECENT_TAGS_LIST,
    RECENT_MIME_TYPE,
    RECENT_FILE_NAME,
    RECENT_ROUTE_CODE,
    NUM_RECENT
};

typedef struct {
    uint32_t seconds;
    uint32_t nanoseconds;
    Span test_id;
    uint32_t num_tags;
    Span tags_list;
    Span mime_type;
    Span file_name;
    uint32_t file_size;
    Span content;
    Span route_code;
} Fields;

/* Find the fields that the flags announce; 0 if they are not canonical. */
static int
read_fields(Cursor *in, unsigned flags, Fields *fields)
{
    /* timestamp */
    if (flags & 0x0200u) {
        if (!(take_u4(in, &fields->seconds)
              && take_number(in, 999999999u, &fields->nanoseconds))) {
            return 0;
        }
    }
    /* test id */
    if (flags & 0x0800u) {
        if (!take_text(in, 4194303u, &fields->test_id)) {
            return 0;
        }
    }
    /* tags */
    if (flags & 0x0080u) {
        if (!(take_number(in, UINT32_MAX, &fields->num_tags)
              && take_texts(in, fields->num_tags, 4194303u, &fields->tags_list))) {
            return 0;
        }
    }
    /* mime type */
    if (flags & 0x0020u) {
        if (!take_text(in, 4194303u, &fields->mime_type)) {
            return 0;
        }
    }
    /* file */
    if (flags & 0x0040u) {
        if (!(take_text(in, 4194303u, &fields->file_name)
              && take_number(in, UINT32_MAX, &fields->file_size)
              && take_octets(in, fields->file_size, &fields->content))) {
            return 0;
        }
    }
    /* route code */
    if (flags & 0x0400u) {
        if (!take_text(in, 4194303u, &fields->route_code)) {
            return 0;
        }
    }
    return 1;
}

/* A packet of these fields; NULL with an exception, such as UnicodeDecodeError. */
static PyObject *
new_packet(State *state, Repeated *recent, const Fields *fields, const Frame *frame)
{
    PyObject *values[14];
    /* test_id */
    values[0] = !(frame->flags & 0x0800u)
        ? Py_NewRef(Py_None)
        : repeated_text(&recent[RECENT_TEST_ID], fields->test_id);
    if (values[0] == NULL) {
        return drop(values, 0);
    }
    /* test_status */
    values[1] = Py_NewRef(PyTuple_GET_ITEM(state->statuses, frame->flags & STATUS_MASK));
    if (values[1] == NULL) {
        return drop(values, 1);
    }
    /* test_tags */
    values[2] = !(frame->flags & 0x0080u)
        ? Py_NewRef(Py_None)
        : repeated_texts(&recent[RECENT_TAGS_LIST], fields->tags_list, fields->num_tags);
    if (values[2] == NULL) {
        return drop(values, 2);
    }
    /* runnable */
    values[3] = PyBool_FromLong((frame->flags & 0x0100u) != 0);
    if (values[3] == NULL) {
        return drop(values, 3);
    }
    /* mime_type */
    values[4] = !(frame->flags & 0x0020u)
        ? Py_NewRef(Py_None)
        : repeated_text(&recent[RECENT_MIME_TYPE], fields->mime_type);
    if (values[4] == NULL) {
        return drop(values, 4);
    }
    /* file_name */
    values[5] = !(frame->flags & 0x0040u)
        ? Py_NewRef(Py_None)
        : repeated_text(&recent[RECENT_FILE_NAME], fields->file_name);
    if (values[5] == NULL) {
        return drop(values, 5);
    }
    /* file_bytes */
    values[6] = !(frame->flags & 0x0040u)
        ? Py_NewRef(Py_None)
        : new_octets(fields->content);
    if (values[6] == NULL) {
        return drop(values, 6);
    }
    /* eof */
    values[7] = PyBool_FromLong((frame->flags & 0x0010u) != 0);
    if (values[7] == NULL) {
        return drop(values, 7);
    }
    /* route_code */
    values[8] = !(frame->flags & 0x0400u)
        ? Py_NewRef(Py_None)
        : repeated_text(&recent[RECENT_ROUTE_CODE], fields->route_code);
    if (values[8] == NULL) {
        return drop(values, 8);
    }
    /* timestamp */
    values[9] = !(frame->flags & 0x0200u)
        ? Py_NewRef(Py_None)
        : new_timestamp(state, fields->seconds, fields->nanoseconds);
    if (values[9] == NULL) {
        return drop(values, 9);
    }
    /* recovered, raw, offset, length */
    values[10] = PyBool_FromLong(frame->recovered);
    values[11] = Py_NewRef(Py_None);
    values[12] = PyLong_FromLongLong(frame->offset);
    values[13] = PyLong_FromUnsignedLong(frame->length);
    return new_of(state->packet_type, values, 14);
}

#endif
