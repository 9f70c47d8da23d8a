package subunit

import (
	"encoding/binary"
	"hash/crc32"
	"sync"
)

// The checksum of any range of the stream, in bounded time. The CRC-32 of ab is that of a, shifted
// by the length of b, exclusive-or that of b. So the checksum from a fixed offset up to every
// 2,048th octet is kept, a mark. That of a range takes two marks, and the octets between a mark
// and either end. To shift is to multiply polynomials of bits. No range starts before an earlier
// one, so the marks begin at the first.
const step = 2048

type checksums struct {
	marks []uint32 // marks[n] is the checksum of the n steps of octets from first on
	first int64    // the offset of marks[0] in the stream
}

// holds says whether the last four of the octets from an index of the buffer on are the checksum of
// those before. The buffer starts at an offset in the stream.
func (c *checksums) holds(buffer []byte, offset int64, index, length int) bool {
	// checksum.crc32
	end := index + length - 4
	expected := binary.BigEndian.Uint32(buffer[end:])
	// reader.time
	if length > 2*step+4 {
		return c.ofRange(buffer, offset, index, end) == expected
	}
	return crc32.ChecksumIEEE(buffer[index:end]) == expected
}

func (c *checksums) ofRange(buffer []byte, offset int64, start, end int) uint32 {
	// reader.time: each octet is in one mark
	if len(c.marks) == 0 {
		c.marks = []uint32{0}
		c.first = offset + int64(start)
	}
	origin := int(c.first - offset)
	first := (start - origin + step - 1) / step
	last := (end - origin) / step
	for len(c.marks) <= last {
		index := origin + len(c.marks)*step
		mark := c.marks[len(c.marks)-1]
		c.marks = append(c.marks, crc32.Update(mark, crc32.IEEETable, buffer[index-step:index]))
	}
	// checksum.crc32
	before := c.marks[first] ^ crc32.ChecksumIEEE(buffer[start:origin+first*step])
	middle := c.marks[last] ^ multiply(before, shifts()[last-first])
	return crc32.Update(middle, crc32.IEEETable, buffer[origin+last*step:end])
}

// forget drops the marks before an offset. After that, the first mark is no longer 0. It need not
// be: only the exclusive-or of two marks is used.
func (c *checksums) forget(offset int64) {
	// reader.memory
	for len(c.marks) > 0 && c.first < offset {
		c.marks = c.marks[1:]
		c.first += step
	}
}

// shifts are the factors that shift a checksum by 0, 1, 2, ... steps, up to a packet's.
var shifts = sync.OnceValue(func() []uint32 {
	// checksum.crc32
	oneStep := uint32(0x00800000)
	for size := 1; size < step; size *= 2 {
		oneStep = multiply(oneStep, oneStep)
	}
	factors := []uint32{0x80000000}
	for len(factors) <= maxLength/step {
		factors = append(factors, multiply(factors[len(factors)-1], oneStep))
	}
	return factors
})

// multiply multiplies polynomials of bits, modulo that of the CRC. The highest bit is the power 0.
func multiply(a, b uint32) uint32 {
	// checksum.crc32
	product := uint32(0)
	for ; a != 0; a <<= 1 {
		if a&0x80000000 != 0 {
			product ^= b
		}
		if b&1 != 0 {
			b = b>>1 ^ crc32.IEEE
		} else {
			b >>= 1
		}
	}
	return product
}
