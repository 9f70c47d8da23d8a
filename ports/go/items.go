package subunit

// An Item is one part of a stream: a *Packet, a *Passthrough or a *Corrupt. No other type is one.
type Item interface {
	// Start is the offset of the item's first octet in the stream.
	Start() int64
	// End is the offset behind its last octet.
	End() int64

	sealed()
}

// Span is the extent of an item in its stream, in octets.
type Span struct {
	Offset int64
	Length int
}

// Start is the offset of the first octet.
func (s Span) Start() int64 { return s.Offset }

// End is the offset behind the last octet.
func (s Span) End() int64 { return s.Offset + int64(s.Length) }

// A Packet is one event of a test run: a status, a chunk of a file, or both. A nil field is
// absent from the packet, and a field that is empty is present.
type Packet struct {
	Span
	TestID      *string
	Status      Status
	Tags        []string // in the order of the packet, with duplicates; nil if absent
	NotRunnable bool     // the runnable flag, inverted: a test that can be run needs no mention
	File        *File
	EOF         bool // the file ends here
	MIMEType    *string
	RouteCode   *string
	Timestamp   *Timestamp

	// Recovered says that the packet starts inside the length that a corrupt region before it
	// claimed. It may be a part of the damaged packet's content. Readers set it.
	Recovered bool
	// Raw holds the octets of the packet, if the reader keeps them.
	Raw []byte
}

// Passthrough is octets that are no packet and did not begin like one.
type Passthrough struct {
	Span
	Octets []byte
}

// Corrupt is octets that began as a packet should, and are not a well-formed one.
type Corrupt struct {
	Span
	Code   ErrorCode
	Octets []byte
}

func (*Packet) sealed()      {}
func (*Passthrough) sealed() {}
func (*Corrupt) sealed()     {}

// A File is a chunk of an attachment. Its packets, up to the one with EOF, are the whole.
type File struct {
	Name    string
	Content []byte
}

// A Timestamp is a time in UTC since the Unix epoch. It is exact, and has a larger range than
// packets have: the writer refuses a time that does not fit.
type Timestamp struct {
	Seconds     int64
	Nanoseconds int64
}

// String returns a pointer to the text, for the fields of a Packet.
func String(text string) *string { return &text }

// Status is the status of a test, or of a route if the packet has no test id.
type Status uint8

// status.values
const (
	NoStatus Status = iota
	Exists
	InProgress
	Success
	UxSuccess
	Skip
	Fail
	XFail
)

var statusNames = [...]string{
	"", "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail",
}

// String returns the name of the status, and nothing for NoStatus and unknown ones.
func (s Status) String() string {
	// status.values
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return ""
}

// StatusOf returns the status of this name, and whether there is one.
func StatusOf(name string) (Status, bool) {
	// status.values
	for status := Exists; status <= XFail; status++ {
		if statusNames[status] == name {
			return status, true
		}
	}
	return NoStatus, false
}

// An ErrorCode names the first check that a corrupt region failed.
type ErrorCode string

// packet.first-error: the codes are in the order of the checks.
const (
	ErrVersion        ErrorCode = "version"
	ErrReservedBit    ErrorCode = "reserved_bit"
	ErrLengthEncoding ErrorCode = "length_encoding"
	ErrLengthTooShort ErrorCode = "length_too_short"
	ErrTruncated      ErrorCode = "truncated"
	ErrChecksum       ErrorCode = "checksum"
	ErrFieldOverrun   ErrorCode = "field_overrun"
	ErrNanoseconds    ErrorCode = "nanoseconds"
	ErrUTF8           ErrorCode = "utf8"
	ErrNUL            ErrorCode = "nul"
	ErrTrailingBytes  ErrorCode = "trailing_bytes"
)
