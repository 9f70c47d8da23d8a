package subunit

import "encoding/binary"

const (
	// packet.signature
	signature = 0xB3
	lineFeed  = 0x0A

	// length.limit: the largest number of three octets
	maxLength = 1<<22 - 1

	// timestamp.nanoseconds
	maxNanoseconds = 999_999_999
)

// flags.layout
const (
	flagVersion2  = 0x2000
	flagTestID    = 0x0800
	flagRouteCode = 0x0400
	flagTimestamp = 0x0200
	flagRunnable  = 0x0100
	flagTags      = 0x0080
	flagFile      = 0x0040
	flagMIMEType  = 0x0020
	flagEOF       = 0x0010
	flagReserved  = 0x0008
	statusMask    = 0x0007
)

// The functions below take the octets of a candidate, from its signature on.

func flagsOf(octets []byte) int {
	// flags.layout
	return int(binary.BigEndian.Uint16(octets[1:]))
}

// claimedLength returns the length that a usable header claims.
func claimedLength(octets []byte) int {
	// length.whole
	header := fields{octets: octets, index: 3, end: len(octets)}
	return header.takeNumber()
}

// fieldsOf returns the fields of a candidate with a usable header, all of whose octets are there.
func fieldsOf(octets []byte) *fields {
	// packet.order, fields.inside
	return &fields{octets: octets, index: 4 + int(octets[3]>>6), end: len(octets) - 4}
}

// decode turns the octets of an intact packet into its fields, or says how they are malformed.
func decode(octets []byte) (*Packet, ErrorCode) {
	flags, f := flagsOf(octets), fieldsOf(octets)
	// flags.independent
	packet := &Packet{
		NotRunnable: flags&flagRunnable == 0,
		EOF:         flags&flagEOF != 0,
		// status.values
		Status: Status(flags & statusMask),
	}
	// packet.order, flags.empty-is-not-absent
	if flags&flagTimestamp != 0 {
		packet.Timestamp = f.takeTimestamp()
	}
	if flags&flagTestID != 0 {
		packet.TestID = String(f.takeText())
	}
	if flags&flagTags != 0 {
		packet.Tags = f.takeTags()
	}
	if flags&flagMIMEType != 0 {
		packet.MIMEType = String(f.takeText())
	}
	if flags&flagFile != 0 {
		// file.field
		packet.File = &File{Name: f.takeText()}
		packet.File.Content = append([]byte{}, f.take(f.takeNumber())...)
	}
	if flags&flagRouteCode != 0 {
		packet.RouteCode = String(f.takeText())
	}
	// fields.nothing-left
	if f.index < f.end {
		f.fail(ErrTrailingBytes)
	}
	return packet, f.err
}

func (f *fields) takeTimestamp() *Timestamp {
	// timestamp.seconds, timestamp.exact
	seconds, nanoseconds := f.takeFixed(), f.takeNumber()
	// timestamp.nanoseconds
	if nanoseconds > maxNanoseconds {
		f.fail(ErrNanoseconds)
	}
	return &Timestamp{Seconds: int64(seconds), Nanoseconds: int64(nanoseconds)}
}

func (f *fields) takeTags() []string {
	// tags.field, tags.wire-order
	tags := []string{}
	for count := f.takeNumber(); len(tags) < count && f.err == ""; {
		tags = append(tags, f.takeText())
	}
	return tags
}

// skipSized steps over a string or a content, by its size alone.
func (f *fields) skipSized() {
	// stream.form
	f.take(f.takeNumber())
}

// skipToRoute steps over the fields before the route code.
func (f *fields) skipToRoute(flags, maxTags int) {
	// stream.form, packet.order
	if flags&flagTimestamp != 0 {
		f.take(4)
		f.takeNumber()
	}
	if flags&flagTestID != 0 {
		f.skipSized()
	}
	if flags&flagTags != 0 {
		count := f.takeNumber()
		// stream.form: more tags are not followed
		if count > maxTags {
			f.fail(ErrFieldOverrun)
		}
		for tag := 0; tag < count && f.err == ""; tag++ {
			f.skipSized()
		}
	}
	if flags&flagMIMEType != 0 {
		f.skipSized()
	}
	if flags&flagFile != 0 {
		f.skipSized()
		f.skipSized()
	}
}

// hasForm says whether octets have the form of a packet. Their header is usable and claims them.
func hasForm(octets []byte) bool {
	// stream.form
	flags, f := flagsOf(octets), fieldsOf(octets)
	f.skipToRoute(flags, 63)
	if flags&flagRouteCode != 0 {
		f.skipSized()
	}
	return f.err == "" && f.index == f.end
}

// withRoute puts a code in front of the route code of a well-formed packet. It returns nil if the
// packet is too long then.
func withRoute(octets []byte, code string) []byte {
	// route.unchanged
	flags, f := flagsOf(octets), fieldsOf(octets)
	start := f.index
	f.skipToRoute(flags, maxLength)
	before, route := octets[start:f.index], code
	// route.add, route.empty
	if flags&flagRouteCode != 0 {
		route += "/" + f.takeText()
	}
	// route.unchanged
	content := append([]byte{}, before...)
	content = append(appendNumber(content, len(route)), route...)
	return assemble(flags|flagRouteCode, content)
}

// assemble returns the packet of these flags and octets of fields, or nil if it is too long.
func assemble(flags int, content []byte) []byte {
	// length.whole: the length counts its own octets
	length := 3 + 1 + len(content) + 4
	if length > 1<<6-1 {
		length++
	}
	if length > 1<<14-1 {
		length++
	}
	// length.limit
	if length > maxLength {
		return nil
	}
	// packet.order
	octets := make([]byte, 0, length)
	octets = append(octets, signature, byte(flags>>8), byte(flags))
	octets = appendNumber(octets, length)
	return sealed(append(octets, content...))
}
