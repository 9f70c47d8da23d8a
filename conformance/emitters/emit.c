/* A subunit v2 emitter in C99: it reads items as JSON Lines (item.schema.json), in ASCII without
 * spaces, on standard input, and writes packets. It exits with 1 if a packet cannot be written, and
 * with 77 if a packet has tags, times or files. Build: cc -std=c99 -o emit emit.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define HAS(key) strstr(line, "\"" key "\":") /* in a string, a quote has a backslash before it */

static char line[32 << 20];
static unsigned char octets[4194303]; /* fields from 6 on; the header ends there */
static size_t size;

static void put(unsigned long value, int width)
{
    if (size + width > sizeof octets)
        exit(1);
    while (width--)
        octets[size++] = value >> 8 * width & 0xff;
}

/* Inserts a number, in the fewest octets, at `start`. */
static void put_number(size_t start, unsigned long value)
{
    int more = (value > 63) + (value > 16383), width = more + 1;
    put(0, width);
    memmove(octets + start + width, octets + start, size - start - width);
    for (value |= (unsigned long)more << (8 * more + 6); width--; value >>= 8)
        octets[start + width] = value & 0xff;
}

static unsigned hex(const char *p) { return strtoul((char[5]){p[0], p[1], p[2], p[3]}, NULL, 16); }

/* Appends the string of `key`; returns the flag, or 0 if the key is missing. */
static unsigned put_text(const char *key, unsigned flag)
{
    size_t start = size;
    const char *p = strstr(line, key), *controls = "b\bf\fn\nr\rt\t";
    if (!p)
        return 0;
    for (p += strlen(key); *p != '"'; p++) {
        unsigned c = *p, low = 0;
        if (c == '\\' && *++p != 'u') {
            c = strchr(controls, *p) ? strchr(controls, *p)[1] : *p;
        } else if (c == '\\') {
            c = hex(p + 1), p += 4;
            if (c >> 10 == 0x36 && p[1] == '\\' && p[2] == 'u' && (low = hex(p + 3)) >> 10 == 0x37)
                c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff)), p += 6;
            if (c == 0 || c >> 11 == 0x1b)
                exit(1); /* NUL, or half a surrogate pair */
        }
        int more = (c > 0x7f) + (c > 0x7ff) + (c > 0xffff);
        for (put((more ? 0xff00 >> (more + 1) & 0xff : 0) | c >> 6 * more, 1); more--;)
            put(0x80 | (c >> 6 * more & 0x3f), 1);
    }
    return put_number(start, size - start), flag;
}

int main(void)
{
    const char *names[] = {"exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail"};
    while (fgets(line, sizeof line, stdin)) {
        if (HAS("test_tags") || HAS("timestamp") || HAS("file_name") || HAS("bytes") || HAS("raw"))
            return 77;
        unsigned long crc = 0xffffffff, flags = strstr(line, "\"eof\":true") ? 0x2010 : 0x2000;
        char wanted[40];
        flags |= strstr(line, "\"runnable\":false") ? 0 : 0x100;
        for (int i = 0; i < 7 && sprintf(wanted, "\"test_status\":\"%s\"", names[i]); i++)
            flags |= strstr(line, wanted) ? i + 1 : 0;
        if (!(flags & 7) && HAS("test_status"))
            return 1;
        size = 6, flags |= put_text("\"test_id\":\"", 0x800);
        flags |= put_text("\"mime_type\":\"", 0x20), flags |= put_text("\"route_code\":\"", 0x400);
        size_t end = size, length = end + 2 + (end > 61) + (end > 16380), first = end + 4 - length;
        size = first, put(0xb3, 1), put(flags, 2), put_number(size, length), size = end;
        for (size_t at = first; at < end; at++)
            for (int bit = (crc ^= octets[at], 0); bit < 8; bit++)
                crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        put(~crc & 0xffffffff, 4), fwrite(octets + first, 1, size - first, stdout);
    }
}
