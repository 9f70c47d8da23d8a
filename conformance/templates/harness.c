/* A harness for a subunit v2 reader in C99, on POSIX. Copy it, and add your reader.
 *
 * 1. Replace the code under YOUR READER GOES HERE, and under YOUR WRITER if you have one.
 * 2. cc -std=c99 -o harness harness.c; subunit2 conformance run --session ./harness
 * Until then, the reader is the command in SUBUNIT2_DECODER (`subunit2 decode`). It is started for
 * each stream, which is slow, and reads standard input. HARNESS.md describes the requests. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DONE = 0, UNSUPPORTED = 77 }; /* anything else: it failed */

/* "live" is false if items are returned only at the end; a "writer" is a profile, too. */
static const char hello[] = ",\"name\":\"c-template\",\"version\":\"1.0\",\"language\":\"C\","
                            "\"profiles\":[\"packet\",\"stream\",\"recovery\"],\"live\":false";

/* YOUR READER GOES HERE: turn the octets of a stream into items, JSON objects in the form of
 * item.schema.json, one a line; offset, length and raw are optional. */
static int decode(const char *octets, size_t size, FILE *items)
{
    const char *decoder = getenv("SUBUNIT2_DECODER");
    char name[] = "/tmp/harness.XXXXXX", command[4096];
    FILE *file = fdopen(mkstemp(name), "wb"), *output;
    snprintf(command, sizeof command, "(%s) < %s", decoder ? decoder : "subunit2 decode", name);
    if (fwrite(octets, 1, size, file) < size || fclose(file) || !(output = popen(command, "r")))
        abort();
    for (int c; (c = getc(output)) != EOF;)
        putc(c, items);
    int status = pclose(output);
    unlink(name);
    return WIFEXITED(status) ? WEXITSTATUS(status) : status;
}

/* YOUR WRITER GOES HERE: turn such an object into octets in hex. A failure is a refusal.
 * With split, the content may be larger than a packet: return several packets. */
static int encode(const char *packet, int split, FILE *hex)
{
    return (void)packet, (void)split, (void)hex, UNSUPPORTED;
}

/* The session follows, and needs no change. Requests are ASCII without spaces, with keys in a
 * fixed order, so a plain search can parse them. */
static const char *behind(const char *request, const char *what)
{
    const char *found = strstr(request, what);
    return found ? found + strlen(what) : "";
}

static int answer(char *request, FILE *reply)
{
    static char *stream;
    static size_t size;
    const char *op = behind(request, ",\"op\":\""), *hex = behind(request, ",\"bytes\":\"");
    if (!strncmp(op, "hello\"", 6))
        return fputs(hello, reply), DONE;
    if (!strncmp(op, "open\"", 5) || !strncmp(op, "bye\"", 4))
        return size = 0, DONE;
    if (!strncmp(op, "feed\"", 5)) {
        if (!(stream = realloc(stream, size + strlen(hex))))
            abort();
        for (unsigned octet; sscanf((char[]){hex[0], hex[1], 0}, "%2x", &octet) == 1; hex += 2)
            stream[size++] = (char)octet;
        return fputs(",\"items\":[]", reply), DONE;
    }
    int closes = !strncmp(op, "close\"", 6), split = *behind(request, ",\"split\":true");
    if (!closes && strncmp(op, "encode\"", 7))
        return UNSUPPORTED;
    request[strlen(request) - strlen(split ? ",\"split\":true}" : "}")] = 0;
    fputs(closes ? ",\"items\":[" : ",\"bytes\":\"", reply);
    int status = closes ? decode(stream, size, reply)
                        : encode(behind(op, "\"packet\":"), split, reply);
    return fputs(closes ? "]" : "\"", reply), status;
}

int main(void)
{
    char *line = NULL, *text, *end;
    for (size_t room = 0, size; getline(&line, &room, stdin) > 0; free(text)) {
        FILE *reply = open_memstream(&text, &size);
        line[strcspn(line, "\n")] = 0;
        int encodes = *behind(line, ",\"packet\":"), status = UNSUPPORTED;
        if (!*behind(line, ",\"routes\":[") && !*behind(line, ",\"input\":"))
            status = answer(line, reply);
        fclose(reply);
        while ((end = strchr(text, '\n'))) /* lines to an array */
            *end = end[1] == ']' ? ' ' : ',';
        printf("{\"id\":%s", strtok(line + strlen("{\"id\":"), ","));
        if (status == DONE)
            fputs(text, stdout);
        else if (status == UNSUPPORTED)
            fputs(",\"unsupported\":\"this harness does not support it\"", stdout);
        else
            printf(encodes ? ",\"refused\":true" : ",\"error\":\"it ended with %d\"", status);
        puts("}"), fflush(stdout);
    }
}
