package subunit

import (
	"errors"
	"io"
	"iter"
	"time"
)

// What programs do around the core: times, and streams that are files or pipes.

// TimestampOf returns the timestamp of a time.
func TimestampOf(t time.Time) *Timestamp {
	return &Timestamp{Seconds: t.Unix(), Nanoseconds: int64(t.Nanosecond())}
}

// Time returns the time of a timestamp, in UTC.
func (t Timestamp) Time() time.Time { return time.Unix(t.Seconds, t.Nanoseconds).UTC() }

// Items reads a stream and yields its items, each as soon as the octets that settle it have been
// read. If reading fails, the items of the octets before the failure come first, and a nil item
// with the error last.
func Items(stream io.Reader) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		reader, chunk := Reader{}, make([]byte, 1<<16)
		for {
			size, err := stream.Read(chunk)
			items := reader.Feed(chunk[:size])
			if err != nil {
				items = append(items, reader.Close()...)
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// Write writes a packet, or the several packets that its content takes, as EncodeSplit makes them.
// The error is a *Refused, with nothing written, or that of the writing.
func Write(out io.Writer, packet *Packet) error {
	packets, err := EncodeSplit(packet)
	if err != nil {
		return err
	}
	for _, octets := range packets {
		// writer.one-write
		for len(octets) > 0 {
			size, err := out.Write(octets)
			if err != nil {
				return err
			}
			if size == 0 {
				return io.ErrShortWrite
			}
			octets = octets[size:]
		}
	}
	return nil
}
