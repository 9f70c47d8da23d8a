/* A subunit v2 writer in C99 on POSIX, asked in lines: no JSON. Copy it, and put your writer in.
 *
 * 1. Replace the code under YOUR WRITER GOES HERE. It is complete, but splits no content.
 * 2. cc -std=c99 -o writer writer.c
 *    subunit2 conformance run --session ./writer --questions lines
 * HARNESS.md describes the lines. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct string { const unsigned char *octets; size_t size; }; /* octets is NULL: absent */

struct packet {
    struct string test_status, test_id, *tags, mime_type, file_name, file_bytes, route_code;
    long tag_count; /* -1: no tags, and no flag for them */
    long long seconds, nanoseconds;
    int has_time, runnable, eof, splits;
};

/* YOUR WRITER GOES HERE: print the octets of a packet in hex, and return NULL; or print nothing,
 * and return the invalid key ("packet" if it is the packet as a whole). */
static unsigned char built[4194303]; /* the fields from 6 on; the header ends there */
static size_t end;
static const char *invalid;

static void put(const void *octets, size_t size)
{
    if (size > sizeof built - end)
        invalid = "packet";
    else if (size)
        memcpy(built + end, octets, size), end += size;
}

static void put_uint(unsigned long value, int width)
{
    for (unsigned char octet; width--; put(&octet, 1))
        octet = value >> 8 * width & 0xff;
}

/* Numbers take the fewest octets; the top two bits of the first hold their count. */
static int width_of(unsigned long value)
{
    return 1 + (value > 63) + (value > 16383) + (value > 4194303);
}

static void put_number(unsigned long value)
{
    int width = width_of(value);
    put_uint(value | (width - 1UL) << (8 * width - 2), width);
}

static void put_string(struct string s, const char *key)
{
    for (size_t at = 0, more; at < s.size; at += 1 + more) {
        int first = s.octets[at], second = at + 1 < s.size ? s.octets[at + 1] : 0;
        more = (first >= 0xc2) + (first >= 0xe0) + (first >= 0xf0);
        if (!first || (first > 0x7f && first < 0xc2) || first > 0xf4 || more >= s.size - at ||
            (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
            (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
            invalid = key; /* NUL, or no UTF-8 */
        for (size_t next = at + 1; next <= at + more && next < s.size; next++)
            if (s.octets[next] >> 6 != 2)
                invalid = key;
    }
    put_number(s.size), put(s.octets, s.size);
}

static const char *encode(const struct packet *p)
{
    static const char *const names[] = {
        "", "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail"};
    unsigned long status = 0, flags = 0x2000 | p->runnable << 8 | p->eof << 4, crc = 0xffffffff;
    end = 6, invalid = NULL;
    if (p->test_status.octets)
        for (status = 1; strcmp((const char *)p->test_status.octets, names[status]); status++)
            if (status == 7)
                return "test_status";
    if (p->has_time && (p->seconds < 0 || p->seconds > 0xffffffff))
        return "timestamp";
    if (p->has_time && (p->nanoseconds < 0 || p->nanoseconds > 999999999))
        return "timestamp";
    if (p->has_time)
        flags |= 0x200, put_uint(p->seconds, 4), put_number(p->nanoseconds);
    if (p->test_id.octets)
        flags |= 0x800, put_string(p->test_id, "test_id");
    if (p->tag_count >= 0)
        flags |= 0x80, put_number(p->tag_count);
    for (long tag = 0; tag < p->tag_count; tag++)
        put_string(p->tags[tag], "test_tags");
    if (p->mime_type.octets)
        flags |= 0x20, put_string(p->mime_type, "mime_type");
    if (p->file_name.octets) {
        flags |= 0x40, put_string(p->file_name, "file_name"), put_number(p->file_bytes.size);
        put(p->file_bytes.octets, p->file_bytes.size);
    }
    if (p->route_code.octets)
        flags |= 0x400, put_string(p->route_code, "route_code");
    size_t last = end, width = 1 + (last > 61) + (last > 16380), length = last + 1 + width;
    if (invalid || length > 4194303)
        return invalid ? invalid : "packet";
    size_t first = end = 3 - width;
    put_uint(0xb3, 1), put_uint(flags | status, 2), put_number(length), end = last;
    for (size_t at = first; at < end; at++)
        for (int bit = (crc ^= built[at], 0); bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    for (size_t at = first; at < end; at++)
        printf("%02x", built[at]);
    return printf("%08lx", ~crc & 0xffffffff), NULL;
}

/* The session follows, and needs no change. */

/* Undoes the percent-encoding, in place. */
static struct string decoded(char *value)
{
    struct string s = {(unsigned char *)value, 0};
    for (char *c = value; *c; s.size++)
        if (*c == '%')
            value[s.size] = strtoul((char[]){c[1], c[2], 0}, NULL, 16), c += 3;
        else
            value[s.size] = *c++;
    return value[s.size] = 0, s;
}

static void take(struct packet *p, const char *key, char *value)
{
    static long tags;
    struct { const char *key; struct string *place; } strings[] = {
        {"test_status", &p->test_status}, {"test_id", &p->test_id}, {"mime_type", &p->mime_type},
        {"file_name", &p->file_name}, {"file_bytes", &p->file_bytes},
        {"route_code", &p->route_code}};
    for (int at = 0; at < 6; at++)
        if (!strcmp(key, strings[at].key))
            *strings[at].place = decoded(value);
    if (!strcmp(key, "runnable"))
        p->runnable = *value == 't';
    else if (!strcmp(key, "eof"))
        p->eof = *value == 't';
    else if (!strcmp(key, "split"))
        p->splits = 1;
    else if (!strcmp(key, "timestamp"))
        p->has_time = sscanf(value, "%lld %lld", &p->seconds, &p->nanoseconds) == 2;
    else if (!strcmp(key, "test_tags"))
        tags = 0, p->tag_count = atol(value), p->tags = calloc(p->tag_count + 1, sizeof *p->tags);
    else if (!strcmp(key, "test_tag") && tags < p->tag_count)
        p->tags[tags++] = decoded(value);
}

int main(void)
{
    static const struct packet none = {.tag_count = -1, .runnable = 1};
    struct packet p = none;
    char **lines = NULL, *line = NULL; /* of the question, which has their octets */
    for (size_t count = 0, room = 0; getline(&line, &room, stdin) > 0; line = NULL, room = 0) {
        line[strcspn(line, "\n")] = 0;
        lines = realloc(lines, (count + 1) * sizeof *lines), lines[count++] = line;
        size_t key_size = strcspn(line, " ");
        if (*line) {
            char *value = line + key_size + (line[key_size] == ' ');
            line[key_size] = 0, take(&p, line, value);
            continue;
        }
        const char *key = p.splits ? NULL : encode(&p);
        if (p.splits)
            printf("unsupported it splits no content");
        else if (key)
            printf("refused %s", key);
        puts(""), fflush(stdout);
        for (free(p.tags), p = none; count > 0;)
            free(lines[--count]);
    }
    return free(line), free(lines), 0;
}
