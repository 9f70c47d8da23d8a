package subunit

import (
	"hash/crc32"
	"math/rand"
	"testing"
	"unicode/utf8"
)

func TestNumbersTakeTheFewestOctets(t *testing.T) {
	widths := map[int]int{
		0: 1, 63: 1, 64: 2, 16383: 2, 16384: 3, 4194303: 3, 4194304: 4, 1073741823: 4,
	}
	for value, width := range widths {
		octets := appendNumber(nil, value)
		f := fields{octets: octets, end: len(octets)}
		if read := f.takeNumber(); len(octets) != width || read != value || f.index != width {
			t.Errorf("%d: %x, read as %d", value, octets, read)
		}
	}
}

// TestTextIsStrict compares the decoder with that of the standard library.
func TestTextIsStrict(t *testing.T) {
	edges := []byte{0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0,
		0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF}
	octets := make([]byte, 4)
	for range 4 {
		for choice := range len(edges) * len(edges) * len(edges) * len(edges) {
			state := between
			for index, rest := 0, choice; index < len(octets); index++ {
				octets[index] = edges[rest%len(edges)]
				rest /= len(edges)
				state = state.after(octets[index])
			}
			if valid := utf8.Valid(octets); valid != (state.left == 0) {
				t.Fatalf("%x: %v, expected %v", octets, state.left == 0, valid)
			}
		}
		octets = octets[:len(octets)-1]
	}
}

func TestChecksumsOfRanges(t *testing.T) {
	chance := rand.New(rand.NewSource(7))
	stream := make([]byte, 300_000)
	chance.Read(stream)
	found, offset := checksums{}, 0
	// Ranges start one behind the other, and octets before them are dropped.
	for start := 0; start < 200_000; start += chance.Intn(900) {
		if chance.Intn(4) == 0 {
			offset = start
			found.forget(int64(offset))
		}
		buffer := stream[offset : start+100_000]
		index := start - offset
		end := index + 2*step + chance.Intn(100_000-2*step+1)
		checksum := found.ofRange(buffer, int64(offset), index, end)
		if expected := crc32.ChecksumIEEE(buffer[index:end]); checksum != expected {
			t.Fatalf("%d, %d to %d: %x, expected %x", offset, index, end, checksum, expected)
		}
	}
}

func TestStatusesHaveNames(t *testing.T) {
	for status := NoStatus; status <= XFail+1; status++ {
		named, ok := StatusOf(status.String())
		if ok != (status > NoStatus && status <= XFail) || ok && named != status {
			t.Errorf("%d is %q, which is %d", status, status, named)
		}
	}
}
