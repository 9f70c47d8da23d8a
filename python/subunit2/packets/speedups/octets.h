/* Read numbers, texts and spans of octets.

   Octets are only read through a Cursor, whose `end` is checked before each step: a size
   that a packet claims is never trusted. A function returns 0 if it finds a form that the
   writer does not write, or too few octets. */

#ifndef SUBUNIT2_OCTETS_H
#define SUBUNIT2_OCTETS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} Cursor;

/* Adjacent octets of a packet. */
typedef struct {
    const uint8_t *at;
    size_t size;
} Span;

static inline uint32_t
u4_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline size_t
octets_left(const Cursor *in)
{
    return (size_t)(in->end - in->at);
}

static inline int
take_u4(Cursor *in, uint32_t *value)
{
    if (octets_left(in) < 4) {
        return 0;
    }
    *value = u4_at(in->at);
    in->at += 4;
    return 1;
}

/* The least numbers of 1, 2, 3 and 4 octets in their shortest form. */
static const uint32_t LEAST_NUMBER[] = {0, 1u << 6, 1u << 14, 1u << 22};

/* A number in its shortest form, up to `limit` (clause number.shortest). */
static inline int
take_number(Cursor *in, uint32_t limit, uint32_t *value)
{
    if (in->at == in->end) {
        return 0;
    }
    unsigned width = *in->at >> 6;
    uint32_t number = *in->at & 0x3F;
    if (width) {
        if (octets_left(in) <= width) {
            return 0;
        }
        for (unsigned i = 1; i <= width; i++) {
            number = number << 8 | in->at[i];
        }
        if (number < LEAST_NUMBER[width]) {
            return 0;
        }
    }
    if (number > limit) {
        return 0;
    }
    in->at += width + 1;
    *value = number;
    return 1;
}

static inline int
take_octets(Cursor *in, uint32_t size, Span *octets)
{
    if (octets_left(in) < size) {
        return 0;
    }
    octets->at = in->at;
    octets->size = size;
    in->at += size;
    return 1;
}

/* Octets without NUL. Decoding them finds whether they are UTF-8. */
static inline int
take_text(Cursor *in, uint32_t limit, Span *text)
{
    uint32_t size;
    return take_number(in, limit, &size) && take_octets(in, size, text)
        && memchr(text->at, 0, text->size) == NULL;
}

/* The octets of `count` texts, sizes included. */
static int
take_texts(Cursor *in, uint32_t count, uint32_t limit, Span *texts)
{
    Span each;
    texts->at = in->at;
    while (count--) {
        if (!take_text(in, limit, &each)) {
            return 0;
        }
    }
    texts->size = (size_t)(in->at - texts->at);
    return 1;
}

static inline int
same_octets(Span one, Span other)
{
    return one.size == other.size && memcmp(one.at, other.at, one.size) == 0;
}

#endif
