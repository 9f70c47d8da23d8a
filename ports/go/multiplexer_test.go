package subunit

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func multiplexer(t *testing.T, routes ...string) *Multiplexer {
	t.Helper()
	m, err := NewMultiplexer(routes...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// events has a word for each packet of a multiplexer.
func events(octets []byte) string {
	var words []string
	for _, item := range read(octets) {
		packet := item.(*Packet)
		word := *packet.RouteCode
		if packet.TestID != nil {
			word += " " + *packet.TestID
		}
		if packet.File != nil {
			word += fmt.Sprintf(" %s=%q", packet.File.Name, packet.File.Content)
		}
		if packet.Status != NoStatus {
			word += " " + packet.Status.String()
		}
		if packet.EOF {
			word += " eof"
		}
		words = append(words, word)
	}
	return strings.Join(words, "; ")
}

func expect(t *testing.T, octets []byte, expected string) {
	t.Helper()
	if found := events(octets); found != expected {
		t.Errorf("%s\nexpected %s", found, expected)
	}
}

func TestMultiplexerRoutesAndWraps(t *testing.T) {
	m := multiplexer(t, "0", "1/a")
	routed, _ := Encode(&Packet{TestID: String("foo"), RouteCode: String("")})
	expect(t, m.Feed(1, append([]byte("hello\n"), routed...)), `1/a stdout="hello\n"; 1/a/ foo`)
	expect(t, m.Feed(0, foo), "0 foo exists")
	expect(t, m.Close(1), `1/a stdout="" eof`)
	expect(t, m.Close(0), "")
}

func TestMultiplexerReportsDamage(t *testing.T) {
	m := multiplexer(t, "0")
	damaged := append(append([]byte(nil), foo[:11]...), 0)
	data := fmt.Sprintf("0 subunit.parser Packet data=%q", damaged)
	reason := "checksum at 0, 12 octets\n"
	end := "0 subunit.parser Packet data=\"\" eof; " +
		"0 subunit.parser Parser Error=%q fail eof"
	expect(t, m.Feed(0, damaged), data)
	expect(t, m.Feed(0, foo), fmt.Sprintf(end, reason)+"; 0 foo exists")
	expect(t, m.Feed(0, foo[:11]), "")
	expect(t, m.StopWaiting(0), fmt.Sprintf("0 subunit.parser Packet data=%q; ", foo[:11])+
		fmt.Sprintf(end, "truncated at 24, 11 octets\n"))
}

func TestMultiplexerListsTheFirstRegions(t *testing.T) {
	m := multiplexer(t, "0")
	damaged := append(append([]byte(nil), foo[:11]...), 0)
	found := events(append(m.Feed(0, bytes.Repeat(damaged, 12)), m.Close(0)...))
	if !strings.Contains(found, `checksum at 108, 12 octets\n2 more regions\n"`) {
		t.Error(found)
	}
}

func TestMultiplexerTellsOutputFromDamage(t *testing.T) {
	m := multiplexer(t, "0")
	expect(t, m.Feed(0, []byte("\xb3 2\n")), "")
	expect(t, m.StopWaiting(0), `0 stdout="\xb3 2\n"`)
	expect(t, m.Feed(0, []byte("\n\xb3: below\n")), `0 stdout="\n\xb3: below\n"`)
}

func TestMultiplexerHasOneReportOfARoute(t *testing.T) {
	m := multiplexer(t, "0", "0")
	damaged := append(append([]byte(nil), foo[:11]...), 0)
	data := fmt.Sprintf("0 subunit.parser Packet data=%q", damaged)
	expect(t, m.Feed(0, damaged), data)
	expect(t, m.Feed(1, damaged), `0 subunit.parser Packet data="" eof; `+
		`0 subunit.parser Parser Error="checksum at 0, 12 octets\n" fail eof; `+data)
	expect(t, m.Feed(0, foo), "0 foo exists")
}

func TestMultiplexerSplitsWhatIsTooLong(t *testing.T) {
	m := multiplexer(t, "0")
	// 4,194,303 octets: the id, and 63 octets of content
	packet := &Packet{
		TestID: String(strings.Repeat("a", maxLength-3-3-4-3-2-1-63)), Status: Fail,
		File: &File{"f", bytes.Repeat([]byte{'x'}, 63)},
	}
	whole, err := Encode(packet)
	if err != nil || len(whole) != maxLength {
		t.Fatal(len(whole), err)
	}
	items := read(m.Feed(0, whole))
	first, second := items[0].(*Packet), items[1].(*Packet)
	if len(items) != 2 || first.Status != NoStatus || second.Status != Fail ||
		len(first.File.Content) != 61 || len(second.File.Content) != 2 || first.Length != maxLength {
		t.Errorf("%d packets, %d and %d octets of content", len(items),
			len(first.File.Content), len(second.File.Content))
	}
	// Nothing can be cut from this one.
	packet = &Packet{TestID: String(strings.Repeat("a", maxLength-3-3-4-3))}
	whole, _ = Encode(packet)
	var wrapped []byte
	for _, item := range read(m.Feed(0, whole)) {
		wrapped = append(wrapped, item.(*Packet).File.Content...)
	}
	if !bytes.Equal(wrapped, whole) {
		t.Errorf("%d octets wrapped", len(wrapped))
	}
}

func TestMultiplexerRefusesRoutes(t *testing.T) {
	for _, route := range []string{"", "a\x00", "\xff", strings.Repeat("a", maxCode+1)} {
		var refused *Refused
		if _, err := NewMultiplexer("0", route); !errors.As(err, &refused) {
			t.Errorf("%.9q: %v", route, err)
		} else if refused.Field != "route_code" {
			t.Errorf("%.9q: %s", route, refused.Field)
		}
	}
}
