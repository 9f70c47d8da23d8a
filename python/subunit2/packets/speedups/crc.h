/* CRC-32 in steps of sixteen octets, for small packets: calling a Python function would
   take longer than the checksum. */

#ifndef SUBUNIT2_CRC_H
#define SUBUNIT2_CRC_H

#include <stddef.h>
#include <stdint.h>

static uint32_t crc_tables[16][256];

static void
fill_crc_tables(void)
{
    for (uint32_t octet = 0; octet < 256; octet++) {
        uint32_t crc = octet;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
        }
        crc_tables[0][octet] = crc;
    }
    for (int step = 1; step < 16; step++) {
        for (int octet = 0; octet < 256; octet++) {
            uint32_t before = crc_tables[step - 1][octet];
            crc_tables[step][octet] = before >> 8 ^ crc_tables[0][before & 0xFF];
        }
    }
}

static uint32_t
crc_of(const uint8_t *at, size_t size)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (; size >= 16; at += 16, size -= 16) {
        uint32_t next = 0;
        for (int i = 0; i < 4; i++) {
            next ^= crc_tables[15 - i][(at[i] ^ crc >> 8 * i) & 0xFF];
        }
        for (int i = 4; i < 16; i++) {
            next ^= crc_tables[15 - i][at[i]];
        }
        crc = next;
    }
    while (size--) {
        crc = crc >> 8 ^ crc_tables[0][(crc ^ *at++) & 0xFF];
    }
    return ~crc;
}

#endif
