package subunit

// A candidate is a 0xB3 at which the reader checks for a packet.
type candidate struct {
	result result
	length int       // of an intact packet
	until  int       // the index up to which an incomplete one needs octets
	code   ErrorCode // of a rejected one
	claims int       // the octets that its header claims, or 0 if that is unusable
}

type result int

const (
	rejected result = iota
	incomplete
	intact
)

// check looks for a packet at an index of the buffer, which holds a signature. The checks are in
// the order in which the octets arrive.
func (r *Reader) check(index int, ended bool) candidate {
	// packet.first-error
	octets := r.buffer[index:]
	// missing says that these octets are too few.
	missing := func(until int) candidate {
		// reader.packet-at-once
		if !ended {
			return candidate{result: incomplete, until: index + until}
		}
		// packet.truncated, recovery.region
		return candidate{code: ErrTruncated, claims: len(octets)}
	}
	// packet.unusable-header
	if len(octets) < 2 {
		return missing(2)
	}
	// flags.version
	if octets[1]>>4 != 2 {
		return candidate{code: ErrVersion}
	}
	// flags.reserved
	if len(octets) < 3 {
		return missing(3)
	}
	if octets[2]&flagReserved != 0 {
		return candidate{code: ErrReservedBit}
	}
	// length.limit
	if len(octets) < 4 {
		return missing(4)
	}
	width := int(octets[3]>>6) + 1
	if width == 4 {
		return candidate{code: ErrLengthEncoding}
	}
	// length.whole
	if len(octets) < 3+width {
		return missing(3 + width)
	}
	length := claimedLength(octets)
	// length.least
	if length < 3+width+4 {
		return candidate{code: ErrLengthTooShort}
	}
	// packet.truncated
	if len(octets) < length {
		if ended {
			return candidate{code: ErrTruncated, claims: length}
		}
		return candidate{result: incomplete, until: index + length}
	}
	// packet.intact, checksum.crc32
	if r.checksums.holds(r.buffer, r.offset, index, length) {
		return candidate{result: intact, length: length}
	}
	return candidate{code: ErrChecksum, claims: length}
}

// isDamaged says whether a rejected candidate begins a corrupt region in mid-line, too.
func (r *Reader) isDamaged(index int, found candidate) bool {
	// stream.form: only a wrong checksum leaves a usable header whose octets are all there
	return found.code == ErrChecksum && hasForm(r.buffer[index:index+found.claims])
}

type answer int

const (
	no answer = iota
	yes
	unknown
)

// inCharacter says whether the signature at an index of the buffer is inside a character of text.
func (r *Reader) inCharacter(index int, ended bool) answer {
	// stream.character, stream.text: it continues a well-formed character
	state := r.text
	if state.left <= 0 || state.after(signature).left < 0 {
		return no
	}
	// stream.character: eight octets, or fewer, decide
	for ahead := index; ahead < index+8; ahead++ {
		if ahead == len(r.buffer) {
			if ended {
				return yes
			}
			return unknown
		}
		octet := r.buffer[ahead]
		if octet == lineFeed || octet == signature && state.left == 0 {
			return yes
		}
		state = state.after(octet)
		if state.left < 0 || isControl(octet) {
			return no
		}
	}
	return yes
}
