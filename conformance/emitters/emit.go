// A complete subunit v2 emitter: it reads items as JSON Lines (item.schema.json) on standard input,
// and writes packets. It exits with 1 if a packet cannot be written, with 77 for another item.
package main

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
	"os"
	"regexp"
	"slices"
)

var statuses = []any{nil, "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail"}
var keys = []string{"timestamp", "test_id", "test_tags", "mime_type", "file_name", "file_bytes",
	"route_code", "runnable", "eof"}
var flags = []int{0x0200, 0x0800, 0x0080, 0x0020, 0x0040, 0x0040, 0x0400, 0x0100, 0x0010}
var fine = regexp.MustCompile(`\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\[^u]`)
var bad = regexp.MustCompile(`\\u([dD][89a-fA-F]|0000)`) // NUL, or half a surrogate pair

func check(fits bool, status int) {
	if !fits {
		os.Exit(status)
	}
}

// Numbers take the fewest octets; the top two bits hold their count. A length counts itself.
func number(to []byte, value int, itself int) []byte {
	width := 1
	for value+itself*width >= 1<<(8*width-2) {
		width++
	}
	marked := uint32(value + itself*width | (width-1)<<(8*width-2))
	return append(to, binary.BigEndian.AppendUint32(nil, marked)[4-width:]...)
}

func field(to []byte, value any) []byte {
	switch value := value.(type) {
	case string:
		to = append(number(to, len(value), 0), value...)
	case []any:
		to = number(to, len(value), 0)
		for _, tag := range value {
			to = field(to, tag)
		}
	case map[string]any:
		seconds, nanoseconds := value["seconds"].(float64), value["nanoseconds"].(float64)
		check(0 <= seconds && seconds < 1<<32 && 0 <= nanoseconds && nanoseconds < 1e9, 1)
		to = number(binary.BigEndian.AppendUint32(to, uint32(seconds)), int(nanoseconds), 0)
	}
	return to
}

func encode(packet map[string]any) []byte {
	set, body := slices.Index(statuses, packet["test_status"]), []byte{}
	for at, key := range keys {
		if value := packet[key]; value != nil && value != false {
			set, body = set|flags[at], field(body, value)
		}
	}
	check(set >= 0 && len(body)+10 < 1<<22, 1) // the status is known; a packet has 4,194,303 octets
	octets := append(number([]byte{0xb3, 0x20 | byte(set>>8), byte(set)}, len(body)+7, 1), body...)
	return binary.BigEndian.AppendUint32(octets, crc32.ChecksumIEEE(octets))
}

func main() {
	line := json.RawMessage{}
	for lines := json.NewDecoder(os.Stdin); lines.Decode(&line) == nil; {
		packet := map[string]any{"kind": "packet", "runnable": true}
		check(json.Unmarshal(line, &packet) == nil && !bad.Match(fine.ReplaceAll(line, nil)), 1)
		check(packet["kind"] == "packet" && packet["raw"] == nil, 77)
		if hexed, there := packet["file_bytes"].(string); there {
			content, _ := hex.DecodeString(hexed)
			packet["file_bytes"] = string(content)
		}
		os.Stdout.Write(encode(packet))
	}
}
