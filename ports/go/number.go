package subunit

import (
	"encoding/binary"
	"hash/crc32"
)

// appendNumber appends a number from 0 to 1,073,741,823.
func appendNumber(octets []byte, value int) []byte {
	// number.shortest
	switch numberWidth(value) {
	case 1:
		return append(octets, byte(value))
	// number.encoding: the top two bits are the count of octets, less one
	case 2:
		return append(octets, byte(value>>8)|0x40, byte(value))
	case 3:
		return append(octets, byte(value>>16)|0x80, byte(value>>8), byte(value))
	default:
		return append(octets, byte(value>>24)|0xC0, byte(value>>16), byte(value>>8), byte(value))
	}
}

func numberWidth(value int) int {
	// number.shortest
	switch {
	case value < 1<<6:
		return 1
	case value < 1<<14:
		return 2
	case value < 1<<22:
		return 3
	default:
		return 4
	}
}

// fields walks through the fields of a packet, from index up to end. After the first error it
// stands still, and whatever is taken is empty.
type fields struct {
	octets     []byte
	index, end int
	err        ErrorCode
}

func (f *fields) fail(code ErrorCode) {
	// packet.first-error
	if f.err == "" {
		f.err = code
	}
}

// take returns the next octets. They are octets of the packet, not a copy.
func (f *fields) take(size int) []byte {
	// fields.inside
	if size > f.end-f.index {
		f.fail(ErrFieldOverrun)
	}
	if f.err != "" {
		return nil
	}
	f.index += size
	return f.octets[f.index-size : f.index]
}

func (f *fields) takeNumber() int {
	// number.encoding
	first := f.take(1)
	if f.err != "" {
		return 0
	}
	// number.any-width
	value := int(first[0] & 0x3F)
	for _, octet := range f.take(int(first[0] >> 6)) {
		value = value<<8 | int(octet)
	}
	return value
}

// takeFixed takes a number of four octets.
func (f *fields) takeFixed() uint32 {
	// number.fixed
	octets := f.take(4)
	if f.err != "" {
		return 0
	}
	return binary.BigEndian.Uint32(octets)
}

// sealed appends the checksum to the octets of a packet.
func sealed(octets []byte) []byte {
	// checksum.crc32
	return binary.BigEndian.AppendUint32(octets, crc32.ChecksumIEEE(octets))
}
