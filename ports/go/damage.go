package subunit

// Telling damage from output. In Latin-1, `³` is a 0xB3, and a footnote can start a line with it.

type kind int

const (
	undecided kind = iota // octets are missing
	isPacket
	isOutput
	isDamage
)

// An entry is an item of an input that waits, with its octets.
type entry struct {
	item   Item
	octets []byte
}

func entryOf(item Item) entry {
	// stream.partition
	switch item := item.(type) {
	case *Packet:
		return entry{item, item.Raw}
	case *Passthrough:
		return entry{item, item.Octets}
	case *Corrupt:
		return entry{item, item.Octets}
	}
	return entry{item, nil}
}

// kindOf says what the first of the entries is.
func kindOf(waiting []entry, ended bool) kind {
	// damage.output
	region, octets := waiting[0].item, waiting[0].octets
	switch region.(type) {
	case *Packet:
		return isPacket
	case *Passthrough:
		return isOutput
	}
	// damage.output: no intact packet
	if waiting[0].isIntact() {
		return isDamage
	}
	ahead, endsThere := octetsAhead(waiting)
	// damage.output: looks like text
	if hasControl(octets) || hasControl(ahead) {
		return isDamage
	}
	// damage.output: announces no result, lacks the form of a packet
	if announcesResult(octets) || waiting[0].isWhole() && hasForm(octets) {
		return isDamage
	}
	// damage.output: the eight octets
	if len(ahead) == 8 {
		return isOutput
	}
	if !ended && !endsThere {
		return undecided
	}
	for _, octet := range ahead {
		if octet == lineFeed {
			return isOutput
		}
	}
	return isDamage
}

// isIntact says whether an item is an intact packet, well formed or not.
func (e entry) isIntact() bool {
	// packet.intact
	corrupt, ok := e.item.(*Corrupt)
	if !ok {
		_, ok = e.item.(*Packet)
		return ok
	}
	switch corrupt.Code {
	case ErrFieldOverrun, ErrNanoseconds, ErrUTF8, ErrNUL, ErrTrailingBytes:
		return true
	}
	return false
}

// isWhole says whether a corrupt region ended where its header said, and not sooner.
func (e entry) isWhole() bool {
	// damage.output, stream.form
	corrupt, ok := e.item.(*Corrupt)
	return ok && corrupt.Code == ErrChecksum && len(e.octets) >= 8 &&
		claimedLength(e.octets) == len(e.octets)
}

// octetsAhead returns eight octets of the stream from the first entry on, or those that there are,
// and whether they end before an intact packet.
func octetsAhead(waiting []entry) ([]byte, bool) {
	// damage.output
	var ahead []byte
	for _, entry := range waiting {
		if len(ahead) == 8 {
			break
		}
		if entry.isIntact() {
			return ahead, true
		}
		ahead = append(ahead, entry.octets[:min(8-len(ahead), len(entry.octets))]...)
	}
	return ahead, false
}

func hasControl(octets []byte) bool {
	// damage.output
	for _, octet := range octets {
		if octet != lineFeed && isControl(octet) {
			return true
		}
	}
	return false
}

func announcesResult(octets []byte) bool {
	// damage.output
	if len(octets) < 3 {
		return false
	}
	flags := flagsOf(octets)
	return flags&flagTestID != 0 && flags&(statusMask|flagTags|flagFile) != 0
}
