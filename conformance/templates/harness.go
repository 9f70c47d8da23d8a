// A harness for a subunit v2 reader in Go. Copy it, and add your reader.
//
// 1. Replace the code under YOUR READER GOES HERE, and under YOUR WRITER if you have one.
// 2. go build -o harness harness.go; subunit2 conformance run --session ./harness
// Until then, the reader is the command in SUBUNIT2_DECODER (`subunit2 decode`). It is started for
// each stream, which is slow, and reads standard input. HARNESS.md describes the requests.
package main

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

type answer = map[string]any

var hello = answer{
	"name": "go-template", "version": "1.0", "language": "Go",
	"profiles": []string{"packet", "stream", "recovery"}, // and "writer", where there is one
	"live":     false,                                    // items come when the stream has ended
}

var errUnsupported = errors.New("this harness does not support it")

// YOUR READER GOES HERE: turn the octets of a stream into items, JSON objects in the form of
// item.schema.json, one a line; offset, length and raw are optional. A panic counts as a crash.
func decode(octets []byte) ([]byte, error) {
	decoder := exec.Command("sh", "-c", cmp.Or(os.Getenv("SUBUNIT2_DECODER"), "subunit2 decode"))
	decoder.Stdin, decoder.Stderr = bytes.NewReader(octets), os.Stderr
	lines, err := decoder.Output()
	if decoder.ProcessState.ExitCode() == 77 {
		err = errUnsupported
	}
	return lines, err
}

// YOUR WRITER GOES HERE: turn an object of the same form into octets, or return its invalid key.
// With split, write several packets. exact has, in hex, the strings that encoding/json would alter.
func encode(packet, exact json.RawMessage, split bool) (octets []byte, refused string, err error) {
	return nil, "", errUnsupported
}

// The session follows, and needs no change.

var stream []byte

type request struct {
	ID, Octets, Packet, Routes, Input json.RawMessage
	Op, Bytes                         string
	Split                             bool
}

func (r request) reply() (answer, error) {
	switch {
	case r.Op == "hello":
		return hello, nil
	case r.Op == "encode":
		octets, refused, err := encode(r.Packet, r.Octets, r.Split)
		if refused != "" {
			return answer{"refused": refused}, err
		}
		return answer{"bytes": hex.EncodeToString(octets)}, err
	case r.Routes != nil || r.Input != nil:
		return nil, errUnsupported
	case r.Op == "open" || r.Op == "bye":
		stream = nil
		return answer{}, nil
	case r.Op == "feed":
		octets, err := hex.DecodeString(r.Bytes)
		stream = append(stream, octets...)
		return answer{"items": []any{}}, err
	case r.Op == "close":
		lines, err := decode(stream)
		items := bytes.Join(bytes.Split(bytes.TrimSpace(lines), []byte("\n")), []byte(","))
		return answer{"items": json.RawMessage("[" + string(items) + "]")}, err
	}
	return nil, errUnsupported
}

func main() {
	requests, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for r := (request{}); requests.Decode(&r) == nil; r = (request{}) {
		reply, err := r.reply()
		if errors.Is(err, errUnsupported) {
			reply = answer{"unsupported": err.Error()}
		} else if err != nil {
			reply = answer{"error": fmt.Sprint(err)}
		}
		reply["id"] = r.ID
		if err := answers.Encode(reply); err != nil {
			panic(err) // the items are no JSON
		}
	}
}
