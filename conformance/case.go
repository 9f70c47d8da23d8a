package conformance

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Case is one question with one expected answer. Its methods expand a large case, and make a new
// value at each call.
type Case struct {
	ID, Title, Profile      string
	Clauses, Flags          []string
	Parent, Mutation, Notes string // empty if absent

	SHA256 string   // of the stream of a reader's case
	Stops  []int    // the offsets at which the caller of a reader stops waiting
	Waits  [][3]int // first, last, settled: how long a reader may hold octets back

	Refused string // the invalid key of a writer's packet; empty if it is valid
	Split   bool   // whether a writer may split the content into several packets

	Routes []string // the route code of each input of a multiplexer

	form form
}

// form has the members of a case that methods expand.
type form struct {
	Bytes   *octets
	Items   []item
	Packet  *item
	Octets  map[string]json.RawMessage
	Feeds   []feed
	Wrapped []octets
}

// UnmarshalJSON reads a case of cases.json.
func (c *Case) UnmarshalJSON(data []byte) error {
	type plain Case // without this method
	if err := json.Unmarshal(data, (*plain)(c)); err != nil {
		return err
	}
	err := json.Unmarshal(data, &c.form)
	for key, value := range c.form.Octets {
		if err == nil {
			err = c.form.Packet.replace(key, value)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.ID, err)
	}
	return nil
}

// Stream is the stream of a reader's case.
func (c *Case) Stream() []byte { return c.form.Bytes.expand() }

// Written is the expected output of a writer; nil if the packet is to be refused.
func (c *Case) Written() []byte { return c.form.Bytes.expand() }

// Items are the expected items of a reader, neighbouring passthrough joined.
func (c *Case) Items() []Item {
	items := []Item{}
	for _, each := range c.form.Items {
		items = append(items, each.expand())
	}
	return items
}

// Packet is the packet to write in a case of a writer. Its strings are octets: those to be refused
// may be no UTF-8. (A lone surrogate is three octets.)
func (c *Case) Packet() Item { return c.form.Packet.expand() }

// Feeds are the feeds of a multiplexer, in order.
func (c *Case) Feeds() []Feed {
	feeds := []Feed{}
	for _, each := range c.form.Feeds {
		fed := Feed{Input: each.Input, Octets: each.Bytes.expand(), End: each.End, Stop: each.Stop}
		for _, part := range each.Packets {
			fed.Output = append(fed.Output, part.expand())
		}
		feeds = append(feeds, fed)
	}
	return feeds
}

// Wrapped is the expected wrapped output of each input of a multiplexer, joined.
func (c *Case) Wrapped() [][]byte {
	wrapped := [][]byte{}
	for _, each := range c.form.Wrapped {
		wrapped = append(wrapped, each.expand())
	}
	return wrapped
}

// Item is an item of a stream, or a packet to write. A nil pointer or slice is an absent key.
type Item struct {
	Kind                string // packet, passthrough or corrupt
	Offset, Length      int    // 0 in a packet to write
	TestID, TestStatus  *string
	TestTags            []string // empty, and not nil, if there are no tags with their flag
	Runnable, EOF       bool     // a packet to write that does not say it is runnable, and not the end
	FileName            *string
	FileBytes           []byte
	MIMEType, RouteCode *string
	Timestamp           *Timestamp
	Recovered           bool
	Raw                 []byte // of a packet that is not canonical
	Bytes               []byte // of passthrough and corrupt regions
	Error               string // of corrupt regions
}

// String returns the fields that are there, with the keys of the JSON form: text in quotes, octets
// in hex, and of each no more than the first 64.
func (i Item) String() string {
	var out strings.Builder
	out.WriteString(i.Kind)
	text := func(key string, value *string) {
		if value != nil {
			fmt.Fprintf(&out, " %s=%.64q", key, *value)
		}
	}
	octets := func(key string, value []byte) {
		if value != nil {
			fmt.Fprintf(&out, " %s=%.64x", key, value)
		}
	}
	if i.Length > 0 {
		fmt.Fprintf(&out, " offset=%d length=%d", i.Offset, i.Length)
	}
	if i.Error != "" {
		fmt.Fprintf(&out, " error=%s", i.Error)
	}
	text("test_id", i.TestID)
	text("test_status", i.TestStatus)
	if i.TestTags != nil {
		fmt.Fprintf(&out, " test_tags=%q", i.TestTags)
	}
	if i.Kind == "packet" {
		fmt.Fprintf(&out, " runnable=%t eof=%t", i.Runnable, i.EOF)
	}
	text("file_name", i.FileName)
	octets("file_bytes", i.FileBytes)
	text("mime_type", i.MIMEType)
	text("route_code", i.RouteCode)
	if i.Timestamp != nil {
		fmt.Fprintf(&out, " timestamp=%d+%dns", i.Timestamp.Seconds, i.Timestamp.Nanoseconds)
	}
	if i.Recovered {
		out.WriteString(" recovered=true")
	}
	octets("raw", i.Raw)
	octets("bytes", i.Bytes)
	return out.String()
}

// Timestamp is a time; in a packet to be refused, its parts may be out of their range.
type Timestamp struct {
	Seconds, Nanoseconds int64
}

// Feed is octets fed to an input of a multiplexer, its end, or a stop; and the output due before
// the next feed.
type Feed struct {
	Input     int
	Octets    []byte // nil at the end of the input, and at a stop
	End, Stop bool
	Output    []Output
}

// Output is a part of the output of a multiplexer. Its kind is packet, report or wrapped; the octets
// are the packet, or the contents of the packets of a report or of wrapped output, joined.
type Output struct {
	Kind   string
	Octets []byte
	Ends   bool // whether a report ends
}
