package subunit

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// chunkSize is the content of a packet of content that is split.
const chunkSize = 1 << 20

// Refused is the error of a packet that no reader would take.
type Refused struct {
	Field string // the key of the field in the JSON form, or "packet"
	Limit string // the limit that it does not keep
}

func (r *Refused) Error() string { return fmt.Sprintf("subunit: %s: %s", r.Field, r.Limit) }

var errTooLong = &Refused{"packet", fmt.Sprintf("longer than %d octets", maxLength)}

// Encode returns the octets of a packet. The error is a *Refused.
func Encode(packet *Packet) ([]byte, error) {
	// writer.refuses
	content, err := appendFields(nil, packet)
	if err != nil {
		return nil, err
	}
	// length.limit
	octets := assemble(writtenFlags(packet), content)
	if octets == nil {
		return nil, errTooLong
	}
	return octets, nil
}

// EncodeSplit returns the octets of a packet whose content may be larger than a packet can hold:
// those of one packet, or of several packets of the same file. The error is a *Refused.
func EncodeSplit(packet *Packet) ([][]byte, error) { return split(packet, chunkSize) }

// split cuts content into packets, each with at most this much of it.
func split(packet *Packet, most int) ([][]byte, error) {
	// file.split
	var packets [][]byte
	if packet.File == nil {
		octets, err := Encode(packet)
		return append(packets, octets), err
	}
	room, err := roomForContent(packet)
	if err != nil {
		return nil, err
	}
	size := min(most, room)
	part, content := *packet, packet.File.Content
	// Content of no octets is one packet, even where no other content fits.
	if size < 1 && len(content) > 0 {
		return nil, errTooLong
	}
	for {
		isLast := len(content) <= size
		if isLast {
			size = len(content)
		}
		part.File = &File{packet.File.Name, content[:size]}
		// file.eof, route.too-long
		part.EOF = packet.EOF && isLast
		part.Status = NoStatus
		if isLast {
			part.Status = packet.Status
		}
		octets, err := Encode(&part)
		if err != nil {
			return nil, err
		}
		packets = append(packets, octets)
		if isLast {
			return packets, nil
		}
		content = content[size:]
	}
}

// roomForContent returns how much content fits beside the other fields.
func roomForContent(packet *Packet) (int, error) {
	// route.too-long: as much as fits
	empty := *packet
	empty.File = &File{Name: packet.File.Name}
	fields, err := appendFields(nil, &empty)
	// length.limit: beside the signature, the flags, the length and the checksum, and the size 0
	octets, room := maxLength-3-3-4-(len(fields)-1), 0
	// number.shortest: the size of the content takes from these octets, too
	for width := 1; width <= 3; width++ {
		room = max(room, min(octets-width, 1<<(8*width-2)-1))
	}
	return room, err
}

func writtenFlags(packet *Packet) int {
	// flags.layout, flags.version
	flags := flagVersion2 | int(packet.Status)
	// flags.empty-is-not-absent
	for _, each := range [...]struct {
		flag    int
		present bool
	}{
		{flagTestID, packet.TestID != nil},
		{flagRouteCode, packet.RouteCode != nil},
		{flagTimestamp, packet.Timestamp != nil},
		{flagRunnable, !packet.NotRunnable},
		{flagTags, packet.Tags != nil},
		{flagFile, packet.File != nil},
		{flagMIMEType, packet.MIMEType != nil},
		{flagEOF, packet.EOF},
	} {
		if each.present {
			flags |= each.flag
		}
	}
	return flags
}

// appendFields appends the octets between the length and the checksum.
func appendFields(octets []byte, packet *Packet) ([]byte, error) {
	w := fieldWriter{octets: octets}
	// writer.refuses, status.values
	if packet.Status > XFail {
		w.refuse("test_status", "no status")
	}
	// packet.order
	if packet.Timestamp != nil {
		w.timestamp(*packet.Timestamp)
	}
	if packet.TestID != nil {
		w.text("test_id", *packet.TestID)
	}
	if packet.Tags != nil {
		// tags.field
		w.octets = appendNumber(w.octets, len(packet.Tags))
		for _, tag := range packet.Tags {
			w.text("test_tags", tag)
		}
	}
	if packet.MIMEType != nil {
		w.text("mime_type", *packet.MIMEType)
	}
	if packet.File != nil {
		// file.field
		w.text("file_name", packet.File.Name)
		w.sized(packet.File.Content)
	}
	if packet.RouteCode != nil {
		w.text("route_code", *packet.RouteCode)
	}
	return w.octets, w.err
}

// fieldWriter appends fields and keeps the first refusal.
type fieldWriter struct {
	octets []byte
	err    error
}

func (w *fieldWriter) refuse(field, limit string) {
	// writer.refuses
	if w.err == nil {
		w.err = &Refused{field, limit}
	}
}

func (w *fieldWriter) timestamp(t Timestamp) {
	// writer.refuses, timestamp.seconds
	if t.Seconds < 0 || t.Seconds > 1<<32-1 {
		w.refuse("timestamp", "seconds outside 0 to 4294967295")
	}
	// writer.refuses, timestamp.nanoseconds
	if t.Nanoseconds < 0 || t.Nanoseconds > maxNanoseconds {
		w.refuse("timestamp", "nanoseconds outside 0 to 999999999")
	}
	// number.fixed
	w.octets = binary.BigEndian.AppendUint32(w.octets, uint32(t.Seconds))
	w.octets = appendNumber(w.octets, int(t.Nanoseconds))
}

func (w *fieldWriter) text(field, text string) {
	// writer.refuses, string.utf8
	if !utf8.ValidString(text) {
		w.refuse(field, "not UTF-8")
	}
	// writer.refuses, string.no-nul
	if strings.IndexByte(text, 0) >= 0 {
		w.refuse(field, "holds a NUL")
	}
	w.sized([]byte(text))
}

func (w *fieldWriter) sized(octets []byte) {
	// writer.refuses: nothing of this size fits, so it is not copied
	if len(octets) > maxLength {
		w.refuse("packet", errTooLong.Limit)
		return
	}
	// string.size
	w.octets = append(appendNumber(w.octets, len(octets)), octets...)
}
