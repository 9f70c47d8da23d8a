package subunit

import "bytes"

// A Reader divides a stream into items. It does no input of its own: octets are fed to it in chunks
// of any sizes, and it returns the items that are settled. The zero value is ready to use.
//
// The items are a function of the octets alone, their octets are the stream, and damage is an item:
// nothing that a stream contains is an error.
type Reader struct {
	// KeepRaw makes the reader set Packet.Raw.
	KeepRaw bool

	buffer  []byte // octets that are in no item yet
	offset  int64  // the offset in the stream of the first of them
	wanted  int    // how many of them have to be there before anything can be settled
	dropped int    // octets in front of the buffer that its memory still holds

	// The state of the division. The zero value is that at the start of a stream.
	inLine     bool // the next octet is not at a sync point
	text       textState
	region     *region // the corrupt region that begins the buffer, if its end is searched
	claimedEnd int64   // the last offset that any damaged header claimed
	checksums  checksums

	items []Item
	plain int // the index in the buffer at which passthrough without an item begins
}

// A region is a corrupt region whose end is searched.
type region struct {
	code     ErrorCode
	claims   int
	searched int // how many of its octets have been searched
}

// Feed takes the next octets of the stream and returns the items that are settled by now. It keeps
// no reference to the octets.
func (r *Reader) Feed(octets []byte) []Item {
	r.buffer = append(r.buffer, octets...)
	// reader.time: octets that decide nothing are not looked at again
	if len(r.buffer) < r.wanted {
		return nil
	}
	// reader.packet-at-once, reader.passthrough-at-once
	return r.settle(false)
}

// StopWaiting settles the octets that are held as if the stream had ended. The stream goes on. It
// is for a person who waits: a header can claim 4 MiB that never arrive.
func (r *Reader) StopWaiting() []Item {
	// reader.stop-waiting
	return r.settle(true)
}

// Close ends the stream and returns its remaining items.
func (r *Reader) Close() []Item { return r.settle(true) }

// Pending returns the number of octets that were fed and are in no item yet.
func (r *Reader) Pending() int { return len(r.buffer) }

func (r *Reader) settle(ended bool) []Item {
	// stream.partition
	r.items, r.wanted, r.plain = nil, 0, 0
	index := 0
	for index < len(r.buffer) {
		next := r.settleNext(index, ended)
		if next == index {
			break
		}
		index = next
	}
	r.flush(index)
	r.advance(index)
	return r.items
}

// advance drops the octets that were delivered.
func (r *Reader) advance(index int) {
	// stream.partition
	r.buffer = r.buffer[index:]
	r.offset += int64(index)
	r.dropped += index
	// reader.memory, reader.time: a copy is paid for by the octets that were dropped before it
	if r.dropped > 2*len(r.buffer)+1<<16 {
		r.buffer = append([]byte(nil), r.buffer...)
		r.dropped = 0
	}
	r.checksums.forget(r.offset)
}

// The functions below settle the item at an index of the buffer and return the index behind it.
// They return the same index if they have to wait.

func (r *Reader) settleNext(index int, ended bool) int {
	// recovery.region
	if r.region != nil {
		return r.settleRegion(index, ended)
	}
	// stream.passthrough
	if r.buffer[index] != signature {
		return r.passthrough(index, r.find(index, len(r.buffer)))
	}
	// stream.try-everywhere
	found := r.check(index, ended)
	// stream.false-start
	if found.result == rejected && r.inLine && !r.isDamaged(index, found) {
		return r.passthrough(index, index+1)
	}
	// stream.character
	switch r.inCharacter(index, ended) {
	case unknown:
		return r.wait(index, len(r.buffer)+1)
	case yes:
		return r.passthrough(index, index+1)
	}
	// stream.intact-whole, stream.false-start
	switch found.result {
	case incomplete:
		return r.wait(index, found.until)
	case intact:
		return r.packet(index, index+found.length)
	default:
		return r.corrupt(index, found, ended)
	}
}

// find returns the index of the next signature, or end.
func (r *Reader) find(index, end int) int {
	// stream.try-everywhere
	if index < end {
		if next := bytes.IndexByte(r.buffer[index:end], signature); next >= 0 {
			return index + next
		}
	}
	return end
}

func (r *Reader) wait(index, until int) int {
	// reader.time
	r.wanted = until - index
	return index
}

func (r *Reader) passthrough(index, end int) int {
	// stream.passthrough
	octets := r.buffer[index:end]
	r.text = r.text.afterPassthrough(octets)
	// stream.sync-point
	r.inLine = octets[len(octets)-1] != lineFeed
	return end
}

// flush makes an item of the passthrough that has none, up to an index.
func (r *Reader) flush(index int) {
	// stream.partition
	if r.plain < index {
		octets := append([]byte(nil), r.buffer[r.plain:index]...)
		r.items = append(r.items, &Passthrough{r.span(r.plain, index), octets})
	}
}

func (r *Reader) span(index, end int) Span {
	// stream.partition
	return Span{Offset: r.offset + int64(index), Length: end - index}
}

func (r *Reader) addCorrupt(code ErrorCode, index, end int) {
	// recovery.report
	r.flush(index)
	octets := append([]byte(nil), r.buffer[index:end]...)
	r.items = append(r.items, &Corrupt{r.span(index, end), code, octets})
	r.plain = end
}

func (r *Reader) packet(index, end int) int {
	// stream.intact-whole
	octets := r.buffer[index:end]
	packet, code := decode(octets)
	// string.strict, stream.intact-whole
	if code != "" {
		r.addCorrupt(code, index, end)
	} else {
		r.flush(index)
		packet.Span = r.span(index, end)
		// recovery.recovered
		packet.Recovered = packet.Offset < r.claimedEnd
		if r.KeepRaw {
			packet.Raw = append([]byte(nil), octets...)
		}
		r.items = append(r.items, packet)
		r.plain = end
	}
	// stream.sync-point; stream.text-across-packets: the text stays as it is
	r.inLine = false
	return end
}

func (r *Reader) corrupt(index int, found candidate, ended bool) int {
	// recovery.unusable
	if found.claims == 0 {
		r.addCorrupt(found.code, index, index+1)
		r.text, r.inLine = broken, true
		return index + 1
	}
	// recovery.region
	r.region = &region{code: found.code, claims: found.claims, searched: 1}
	return r.settleRegion(index, ended)
}

// settleRegion searches the claimed octets of the region at this index for an intact packet.
func (r *Reader) settleRegion(index int, ended bool) int {
	// recovery.region
	region := r.region
	end := min(index+region.claims, len(r.buffer))
	for next := r.find(index+region.searched, end); next < end; {
		found := r.check(next, ended)
		switch found.result {
		case incomplete:
			region.searched = next - index
			return r.wait(index, found.until)
		case intact:
			end = next
		default:
			next = r.find(next+1, end)
		}
	}
	// recovery.report
	r.addCorrupt(region.code, index, end)
	// recovery.recovered
	r.claimedEnd = max(r.claimedEnd, r.offset+int64(index+region.claims))
	r.region = nil
	// stream.text
	r.text = broken
	// stream.sync-point
	r.inLine = region.code != ErrChecksum
	return end
}
