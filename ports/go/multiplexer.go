package subunit

import (
	"fmt"
	"strings"
)

// maxReasons is how many regions a report of damage lists.
const maxReasons = 10

// maxCode is the longest code of an input: the multiplexer's own packets need room beside it.
const maxCode = 3 << 20

// A Multiplexer joins several streams into one. It puts the code of an input in front of the route
// code of each packet, wraps other output into packets, and reports damage in packets.
type Multiplexer struct {
	inputs []*input
	out    []byte
}

type input struct {
	reader  Reader
	route   string
	waiting []entry

	parts   []part // output and damage to be sent
	wrapped bool   // output was sent, and its file not ended

	regions  int // of the open report of damage
	reasons  strings.Builder
	reported bool // octets of the report were sent
}

// A part is neighbouring octets of one kind.
type part struct {
	kind   kind
	octets []byte
}

// NewMultiplexer returns a multiplexer with an input for each of these route codes, which should
// differ. The error is a *Refused.
func NewMultiplexer(routes ...string) (*Multiplexer, error) {
	m := &Multiplexer{}
	for _, route := range routes {
		// route.input-code
		if route == "" || len(route) > maxCode {
			return nil, &Refused{"route_code", "empty or too long"}
		}
		if _, err := Encode(&Packet{RouteCode: &route}); err != nil {
			return nil, err
		}
		m.inputs = append(m.inputs, &input{reader: Reader{KeepRaw: true}, route: route})
	}
	return m, nil
}

// Feed takes the next octets of an input and returns the octets to write: whole packets.
func (m *Multiplexer) Feed(input int, octets []byte) []byte {
	// route.order
	return m.multiplex(m.inputs[input], m.inputs[input].reader.Feed(octets), false)
}

// StopWaiting settles the octets that are held for an input, as StopWaiting of a Reader.
func (m *Multiplexer) StopWaiting(input int) []byte {
	// reader.stop-waiting, damage.one-report
	return m.multiplex(m.inputs[input], m.inputs[input].reader.StopWaiting(), true)
}

// Close ends an input and returns the octets to write.
func (m *Multiplexer) Close(input int) []byte {
	// damage.one-report
	in := m.inputs[input]
	out := m.multiplex(in, in.reader.Close(), true)
	// wrap.output
	if in.wrapped {
		in.wrapped = false
		m.send(in.output(nil, true))
		out = append(out, m.taken()...)
	}
	return out
}

func (m *Multiplexer) multiplex(in *input, items []Item, ended bool) []byte {
	// route.order
	for _, item := range items {
		in.waiting = append(in.waiting, entryOf(item))
	}
	for len(in.waiting) > 0 {
		// damage.output, damage.one-report
		kind := kindOf(in.waiting, ended)
		if kind == undecided {
			break
		}
		entry := in.waiting[0]
		in.waiting = in.waiting[1:]
		switch item := entry.item.(type) {
		case *Packet:
			m.forward(in, item)
			continue
		case *Corrupt:
			// damage.report
			if kind == isDamage {
				m.noteRegion(in, item)
			}
		}
		in.collect(kind, entry.octets)
	}
	m.sendParts(in)
	// damage.one-report
	if ended {
		m.endReport(in, "")
	}
	return m.taken()
}

// taken returns the octets to write, and leaves none.
func (m *Multiplexer) taken() []byte {
	out := m.out
	m.out = nil
	return out
}

// send writes a packet that is not refused: its route was checked, its other fields are ours.
func (m *Multiplexer) send(packet *Packet) {
	packets, _ := EncodeSplit(packet)
	for _, octets := range packets {
		m.out = append(m.out, octets...)
	}
}

func (m *Multiplexer) forward(in *input, packet *Packet) {
	// damage.one-report
	last := ""
	if packet.Recovered {
		last = "the packet behind it was recovered\n"
	}
	m.sendParts(in)
	m.endReport(in, last)
	// route.add
	if octets := in.routed(packet); octets != nil {
		m.out = append(m.out, octets...)
	} else {
		// route.too-long
		in.collect(isOutput, packet.Raw)
	}
}

// routed returns a packet with the code of its input, or nil if there is no room for it.
func (in *input) routed(packet *Packet) []byte {
	// route.add
	if octets := withRoute(packet.Raw, in.route); octets != nil {
		return octets
	}
	// route.too-long
	if packet.File == nil {
		return nil
	}
	longer, route := *packet, in.route
	// route.add, route.empty
	if packet.RouteCode != nil {
		route += "/" + *packet.RouteCode
	}
	longer.RouteCode = &route
	packets, err := split(&longer, maxLength)
	if err != nil {
		return nil
	}
	var out []byte
	for _, octets := range packets {
		out = append(out, octets...)
	}
	return out
}

// collect keeps octets to be sent. Neighbours of one kind share packets, and of many short regions
// all do.
func (in *input) collect(kind kind, octets []byte) {
	// damage.report, wrap.origin
	last := len(in.parts) - 1
	if last > 0 && in.parts[last].kind != kind && in.regions > maxReasons {
		last--
	}
	if last < 0 || in.parts[last].kind != kind {
		in.parts = append(in.parts, part{kind: kind})
		last = len(in.parts) - 1
	}
	in.parts[last].octets = append(in.parts[last].octets, octets...)
}

// sendParts sends the output and the damage that have been collected.
func (m *Multiplexer) sendParts(in *input) {
	for _, part := range in.parts {
		// wrap.origin
		if part.kind == isOutput {
			in.wrapped = true
			m.send(in.output(part.octets, false))
			continue
		}
		// damage.report
		packet := in.report("Packet data", part.octets, false)
		if !in.reported {
			packet.MIMEType = String("application/octet-stream")
		}
		in.reported = true
		m.send(packet)
	}
	in.parts = nil
}

// output returns a packet of wrapped output.
func (in *input) output(octets []byte, eof bool) *Packet {
	// wrap.origin, wrap.output
	return &Packet{
		File: &File{"stdout", octets}, EOF: eof, NotRunnable: true, RouteCode: &in.route,
	}
}

// report returns a packet of a report of damage.
func (in *input) report(name string, octets []byte, eof bool) *Packet {
	// damage.report
	packet := in.output(octets, eof)
	packet.TestID, packet.File.Name = String("subunit.parser"), name
	return packet
}

func (m *Multiplexer) noteRegion(in *input, region *Corrupt) {
	// damage.one-report: two inputs of one route have no open reports at the same time
	for _, other := range m.inputs {
		if other != in && other.route == in.route {
			m.endReport(other, "")
		}
	}
	// damage.report
	in.regions++
	if in.regions <= maxReasons {
		fmt.Fprintf(&in.reasons, "%s at %d, %d octets\n", region.Code, region.Offset, region.Length)
	}
}

// endReport ends the open report of an input, if there is one.
func (m *Multiplexer) endReport(in *input, last string) {
	// damage.one-report
	if in.regions == 0 {
		return
	}
	if in.regions > maxReasons {
		fmt.Fprintf(&in.reasons, "%d more regions\n", in.regions-maxReasons)
	}
	in.reasons.WriteString(last)
	// damage.report: both files end
	packet := in.report("Parser Error", []byte(in.reasons.String()), true)
	packet.MIMEType, packet.Status = String("text/plain;charset=utf8"), Fail
	m.send(in.report("Packet data", nil, true))
	m.send(packet)
	in.regions, in.reported = 0, false
	in.reasons.Reset()
}
