package subunit

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// foo is the packet of the published description: the test foo exists.
var foo = octetsOf("b329010c03666f6f08555f1b")

func octetsOf(digits string) []byte {
	octets, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		panic(err)
	}
	return octets
}

// joined joins neighbouring passthrough, which may be delivered in any number of chunks.
func joined(items []Item) []Item {
	var found []Item
	for _, item := range items {
		next, ok := item.(*Passthrough)
		if ok && len(found) > 0 {
			if last, ok := found[len(found)-1].(*Passthrough); ok {
				octets := append(append([]byte(nil), last.Octets...), next.Octets...)
				span := Span{last.Offset, len(octets)}
				found[len(found)-1] = &Passthrough{span, octets}
				continue
			}
		}
		found = append(found, item)
	}
	return found
}

// read reads a stream in these chunks.
func read(chunks ...[]byte) []Item {
	reader, items := Reader{}, []Item(nil)
	for _, chunk := range chunks {
		items = append(items, reader.Feed(chunk)...)
	}
	return joined(append(items, reader.Close()...))
}

// readEveryWay reads a stream whole, octet by octet and cut in two at each of these many indices.
func readEveryWay(t *testing.T, stream []byte, cuts int) []Item {
	t.Helper()
	items := read(stream)
	same := func(how string, others []Item) {
		t.Helper()
		if !reflect.DeepEqual(items, others) {
			t.Fatalf("%x\nwhole %v\n%s %v", stream, describe(items), how, describe(others))
		}
	}
	var octets [][]byte
	for index := range stream {
		octets = append(octets, stream[index:index+1])
	}
	same("octet by octet", read(octets...))
	for cut := 1; cut < len(stream); cut += 1 + len(stream)/cuts {
		same("cut", read(stream[:cut], stream[cut:]))
	}
	return items
}

// describe has a word for each item.
func describe(items []Item) string {
	var words []string
	for _, item := range items {
		switch item := item.(type) {
		case *Packet:
			word := "packet"
			if item.TestID != nil {
				word = *item.TestID
			}
			if item.Recovered {
				word += " recovered"
			}
			words = append(words, word)
		case *Passthrough:
			words = append(words, string(item.Octets))
		case *Corrupt:
			words = append(words, string(item.Code))
		}
	}
	return strings.Join(words, "|")
}

func TestReaderDividesAStream(t *testing.T) {
	damaged := bytes.Replace(foo, []byte("foo"), []byte("fop"), 1)
	join := func(parts ...any) []byte {
		var stream []byte
		for _, part := range parts {
			switch part := part.(type) {
			case string:
				stream = append(stream, part...)
			case []byte:
				stream = append(stream, part...)
			}
		}
		return stream
	}
	for _, each := range []struct {
		stream   []byte
		expected string
	}{
		{nil, ""},
		{join(foo, foo), "foo|foo"},
		{join("ok", foo, "ok"), "ok|foo|ok"},
		{join(damaged, foo), "checksum|foo"},
		{join(".", damaged, foo), ".|checksum|foo"},
		{join(foo[:7], foo), "checksum|foo recovered"},
		{foo[:7], "truncated"},
		{join(".", foo[:7]), "." + string(foo[:7])},
		{join("adiós", foo), "adiós|foo"},
		{join("\xc3", foo), "\xc3|foo"},
		{join("a", "\xd0", foo, "\xb3", foo), "a\xd0|foo|\xb3|foo"},
		{octetsOf("b330"), "version|0"},
		{octetsOf("b32008"), "reserved_bit| \x08"},
		{octetsOf("b32000c0"), "length_encoding| \x00\xc0"},
		{octetsOf("b3200007"), "length_too_short| \x00\x07"},
	} {
		items := readEveryWay(t, each.stream, 64)
		if found := describe(items); found != each.expected {
			t.Errorf("%x: %q, expected %q", each.stream, found, each.expected)
		}
	}
}

func TestReaderNamesTheFirstErrorOfTheFields(t *testing.T) {
	for _, each := range []struct{ fields, flags, expected string }{
		{"03 66 6f 6f", "2900", "foo"},
		{"04 66 6f 6f", "2900", "field_overrun"},
		{"03 66 6f ff", "2900", "utf8"},
		{"03 66 00 ff", "2900", "utf8"},
		{"03 66 6f 00", "2900", "nul"},
		{"02 66 6f 6f", "2900", "trailing_bytes"},
		{"00 00 00 00 fb 9a ca 00", "2300", "nanoseconds"},
		{"00 00 00 00 fb 9a ca 00 ff", "2b00", "nanoseconds"},
		{"ff ff ff ff 00", "2080", "field_overrun"},
	} {
		flags, content := octetsOf(each.flags), octetsOf(each.fields)
		stream := assemble(int(flags[0])<<8|int(flags[1]), content)
		if found := describe(readEveryWay(t, stream, 64)); found != each.expected {
			t.Errorf("%s: %s, expected %s", each.fields, found, each.expected)
		}
	}
}

func TestReaderStopsWaiting(t *testing.T) {
	reader := Reader{}
	if items := reader.Feed(foo[:11]); len(items) != 0 || reader.Pending() != 11 {
		t.Fatalf("%v, %d octets held", describe(items), reader.Pending())
	}
	items := append(reader.StopWaiting(), reader.Feed(foo)...)
	if found := describe(items); found != "truncated|foo recovered" || reader.Pending() != 0 {
		t.Fatalf("%v, %d octets held", found, reader.Pending())
	}
}

func TestReaderKeepsNoReferenceToWhatIsFed(t *testing.T) {
	reader := Reader{KeepRaw: true}
	chunk := append([]byte("log\n"), foo...)
	items := reader.Feed(chunk)
	clear(chunk)
	packet := items[1].(*Packet)
	if describe(items) != "log\n|foo" || !bytes.Equal(packet.Raw, foo) || packet.End() != 16 {
		t.Fatalf("%s, %x, %d", describe(items), packet.Raw, packet.End())
	}
}

func TestReaderHoldsLittleBehindMuchOutput(t *testing.T) {
	reader := Reader{}
	for range 64 {
		reader.Feed(make([]byte, 1<<20))
	}
	reader.Feed(foo[:3])
	if size := cap(reader.buffer) + reader.dropped; size > 1<<22 {
		t.Fatalf("%d octets for %d", size, reader.Pending())
	}
}

// FuzzReader holds the laws of readers on any octets. Its seeds are the streams of the corpus.
func FuzzReader(f *testing.F) {
	streams := filepath.Join("..", "..", "conformance", "corpus", "streams")
	err := filepath.Walk(streams, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || info.Size() > 4096 {
			return err
		}
		octets, err := os.ReadFile(path)
		f.Add(octets)
		return err
	})
	if err != nil {
		f.Log("without the corpus: ", err)
		f.Add(foo)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		items, offset := readEveryWay(t, stream, 8), int64(0)
		var octets []byte
		for _, item := range items {
			if item.Start() != offset {
				t.Fatalf("%d, expected %d", item.Start(), offset)
			}
			offset = item.End()
			switch item := item.(type) {
			case *Packet:
				octets = append(octets, stream[item.Start():item.End()]...)
				readBack(t, item)
			case *Passthrough:
				octets = append(octets, item.Octets...)
			case *Corrupt:
				octets = append(octets, item.Octets...)
			}
		}
		if !bytes.Equal(octets, stream) {
			t.Fatalf("%x, expected %x", octets, stream)
		}
	})
}

// readBack writes a packet, and reads the same again. It may be shorter then.
func readBack(t *testing.T, packet *Packet) {
	t.Helper()
	octets, err := Encode(packet)
	if err != nil {
		t.Fatal(err)
	}
	expected := *packet
	expected.Span, expected.Recovered = Span{0, len(octets)}, false
	if items := read(octets); !reflect.DeepEqual(items, []Item{&expected}) {
		t.Fatalf("%x: %s", octets, describe(items))
	}
}
