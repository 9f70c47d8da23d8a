package subunit

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func full() *Packet {
	return &Packet{
		TestID: String("été::test"), Status: Fail, Tags: []string{"slow", "", "slow"},
		Timestamp: &Timestamp{Seconds: 4_294_967_295, Nanoseconds: 999_999_999},
		File:      &File{"log", []byte("\x00\xb3\xff")}, EOF: true,
		MIMEType: String("text/plain"), RouteCode: String("0/1"),
	}
}

func TestEncode(t *testing.T) {
	octets, err := Encode(&Packet{TestID: String("foo"), Status: Exists})
	if err != nil || !bytes.Equal(octets, foo) {
		t.Fatalf("%x, %v", octets, err)
	}
}

func TestAWrittenPacketIsReadBack(t *testing.T) {
	readBack(t, full())
	readBack(t, &Packet{NotRunnable: true})
	readBack(t, &Packet{
		TestID: String(""), Tags: []string{}, File: &File{"", []byte{}},
		MIMEType: String(""), RouteCode: String(""), Timestamp: &Timestamp{},
	})
	// A length of 64 or of 16,384 takes an octet more.
	for _, size := range []int{54, 55, 56, 57, 16370, 16371, 16372, 16373, 16374} {
		readBack(t, &Packet{TestID: String(strings.Repeat("a", size))})
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, each := range []struct {
		field, limit string
		change       func(packet *Packet)
	}{
		{"test_id", "NUL", func(p *Packet) { p.TestID = String("a\x00") }},
		{"test_id", "UTF-8", func(p *Packet) { p.TestID = String("\xed\xa0\x80") }},
		{"test_tags", "NUL", func(p *Packet) { p.Tags = []string{"a", "\x00"} }},
		{"mime_type", "UTF-8", func(p *Packet) { p.MIMEType = String("\xff") }},
		{"file_name", "NUL", func(p *Packet) { p.File.Name = "\x00" }},
		{"route_code", "NUL", func(p *Packet) { p.RouteCode = String("0\x00") }},
		{"test_status", "status", func(p *Packet) { p.Status = XFail + 1 }},
		{"timestamp", "seconds", func(p *Packet) { p.Timestamp.Seconds = -1 }},
		{"timestamp", "seconds", func(p *Packet) { p.Timestamp.Seconds = 1 << 32 }},
		{"timestamp", "nanoseconds", func(p *Packet) { p.Timestamp.Nanoseconds = -1 }},
		{"timestamp", "nanoseconds", func(p *Packet) { p.Timestamp.Nanoseconds = 1e9 }},
		{"packet", "4194303", func(p *Packet) { p.File.Content = make([]byte, maxLength-60) }},
		{"packet", "4194303", func(p *Packet) { p.File.Content = make([]byte, maxLength+1) }},
	} {
		packet := full()
		each.change(packet)
		octets, err := Encode(packet)
		var refused *Refused
		if !errors.As(err, &refused) || refused.Field != each.field || octets != nil {
			t.Errorf("%s: %x, %v", each.field, octets, err)
		} else if !strings.Contains(err.Error(), each.field+": ") ||
			!strings.Contains(refused.Limit, each.limit) {
			t.Errorf("%s, %s: %v", each.field, each.limit, err)
		}
	}
}

func TestEncodeSplit(t *testing.T) {
	packet := full()
	packet.File.Content = bytes.Repeat([]byte("0123456789"), 250_000)
	packets, err := EncodeSplit(packet)
	if err != nil || len(packets) != 3 {
		t.Fatalf("%d packets, %v", len(packets), err)
	}
	var content []byte
	for index, octets := range packets {
		part := read(octets)[0].(*Packet)
		content = append(content, part.File.Content...)
		expected, isLast := *packet, index == len(packets)-1
		expected.Span, expected.File, expected.EOF = part.Span, part.File, isLast
		if !isLast {
			expected.Status = NoStatus
		}
		if !reflect.DeepEqual(part, &expected) {
			t.Errorf("part %d: %+v", index, part)
		}
	}
	if !bytes.Equal(content, packet.File.Content) {
		t.Errorf("%d octets", len(content))
	}
}

func TestEncodeSplitWithoutNeed(t *testing.T) {
	for _, packet := range []*Packet{full(), {TestID: String("foo")}, {File: &File{Name: "f"}}} {
		octets, _ := Encode(packet)
		if packets, err := EncodeSplit(packet); !reflect.DeepEqual(packets, [][]byte{octets}) {
			t.Errorf("%x, %v", packets, err)
		}
	}
	packet := &Packet{TestID: String(strings.Repeat("a", maxLength)), File: &File{Name: "f"}}
	if packets, err := EncodeSplit(packet); err == nil {
		t.Errorf("%d packets", len(packets))
	}
}

// TestEncodeSplitWithoutRoom has a packet of the largest length, whose content has no octets.
func TestEncodeSplitWithoutRoom(t *testing.T) {
	// Signature, flags, length, checksum; the sizes of the id, of the name and of the content.
	id := strings.Repeat("a", maxLength-3-3-4-3-1-1)
	packet := &Packet{TestID: &id, File: &File{}}
	octets, _ := Encode(packet)
	packets, err := EncodeSplit(packet)
	if err != nil || len(octets) != maxLength || !reflect.DeepEqual(packets, [][]byte{octets}) {
		t.Errorf("%d packets, %v", len(packets), err)
	}
	packet.File.Content = []byte("b")
	if packets, err := EncodeSplit(packet); err == nil {
		t.Errorf("an octet more: %d packets", len(packets))
	}
	id += "a"
	packet.File.Content = nil
	if packets, err := EncodeSplit(packet); err == nil {
		t.Errorf("an id that is longer: %d packets", len(packets))
	}
}

// TestTheRoomForContent compares with packets that are written: one octet more does not fit.
func TestTheRoomForContent(t *testing.T) {
	for _, room := range []int{0, 1, 2, 3, 62, 63, 64, 65, 66, 67} {
		for _, base := range []int{0, 16_370} {
			// Signature, flags, length, checksum; the sizes of the id and of the name.
			size := maxLength - 3 - 3 - 4 - 3 - 1 - base - room
			packet := &Packet{TestID: String(strings.Repeat("a", size)), File: &File{}}
			most, err := roomForContent(packet)
			if err != nil {
				t.Fatal(err)
			}
			packet.File.Content = make([]byte, max(most, 0))
			_, fits := Encode(packet)
			packet.File.Content = make([]byte, max(most, 0)+1)
			_, tooMuch := Encode(packet)
			if (fits != nil && most > 0) || tooMuch == nil {
				t.Errorf("%d octets left: room for %d, %v, %v", base+room, most, fits, tooMuch)
			}
		}
	}
}
