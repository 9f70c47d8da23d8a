package subunit

import (
	"bytes"
	"unicode/utf8"
)

// textState is a state of the UTF-8 decoder: how many octets the character still takes, and the
// lowest and the highest value of the next one.
type textState struct {
	left      int
	low, high byte
}

var (
	between = textState{}
	broken  = textState{left: -1}
)

// after returns the state after an octet. The broken state stays.
func (s textState) after(octet byte) textState {
	// string.utf8
	switch {
	case s.left < 0:
		return broken
	case s.left > 0:
		if octet < s.low || octet > s.high {
			return broken
		}
		return textState{s.left - 1, 0x80, 0xBF}
	case octet < 0x80:
		return between
	case octet < 0xC2 || octet > 0xF4:
		return broken
	case octet < 0xE0:
		return textState{1, 0x80, 0xBF}
	case octet == 0xE0:
		return textState{2, 0xA0, 0xBF}
	case octet == 0xED:
		return textState{2, 0x80, 0x9F}
	case octet < 0xF0:
		return textState{2, 0x80, 0xBF}
	case octet == 0xF0:
		return textState{3, 0x90, 0xBF}
	case octet == 0xF4:
		return textState{3, 0x80, 0x8F}
	default:
		return textState{3, 0x80, 0xBF}
	}
}

// afterPassthrough returns the state after octets of passthrough.
func (s textState) afterPassthrough(octets []byte) textState {
	// stream.text: a line feed begins the text anew, so that only what is behind the last one counts
	if last := bytes.LastIndexByte(octets, lineFeed); last >= 0 {
		s, octets = between, octets[last+1:]
	}
	if s.left == 0 && utf8.Valid(octets) {
		return between
	}
	// stream.text: a malformed sequence ends the text
	for _, octet := range octets {
		s = s.after(octet)
	}
	return s
}

// isControl says whether the octet is a control character that text does not hold. A line feed is
// one here: those who allow it ask for it first.
func isControl(octet byte) bool {
	// stream.character
	return octet == 0x7F || octet < 0x20 && octet != '\t' && octet != '\r' && octet != 0x1B
}

// takeText takes a string.
func (f *fields) takeText() string {
	// string.size
	octets := f.take(f.takeNumber())
	// string.strict, string.utf8
	if !utf8.Valid(octets) {
		f.fail(ErrUTF8)
	}
	// string.no-nul
	if bytes.IndexByte(octets, 0) >= 0 {
		f.fail(ErrNUL)
	}
	return string(octets)
}
