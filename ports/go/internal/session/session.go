// Package session is the harness of the conformance suite. It answers requests, each a line of JSON.
package session

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"

	subunit "subunit2/go"
)

// A Session has the stream or the streams that were opened last.
type Session struct {
	reader      *subunit.Reader
	multiplexer *subunit.Multiplexer
}

type request struct {
	ID     json.RawMessage `json:"id"`
	Op     string          `json:"op"`
	Bytes  string          `json:"bytes"`
	Packet packetForm      `json:"packet"`
	Octets octetsForm      `json:"octets"`
	Split  bool            `json:"split"`
	Routes []string        `json:"routes"`
	Input  *int            `json:"input"`
}

// answer is the answer to any request. Absent members do not belong to it.
type answer struct {
	ID          json.RawMessage `json:"id"`
	Name        string          `json:"name,omitempty"`
	Version     string          `json:"version,omitempty"`
	Language    string          `json:"language,omitempty"`
	Profiles    []string        `json:"profiles,omitempty"`
	Items       *[]itemForm     `json:"items,omitempty"`
	Held        *int            `json:"held,omitempty"`
	Bytes       *string         `json:"bytes,omitempty"`
	Refused     string          `json:"refused,omitempty"`
	Unsupported string          `json:"unsupported,omitempty"`
	Error       string          `json:"error,omitempty"`
}

// Run answers the requests of one session, up to bye or to the end of the input.
func Run(requests io.Reader, answers io.Writer) error {
	session := Session{}
	decoder, encoder := json.NewDecoder(requests), json.NewEncoder(answers)
	encoder.SetEscapeHTML(false)
	for {
		var asked request
		if err := decoder.Decode(&asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		reply := session.answer(&asked)
		reply.ID = asked.ID
		if err := encoder.Encode(reply); err != nil || asked.Op == "bye" {
			return err
		}
	}
}

func (s *Session) answer(asked *request) *answer {
	switch asked.Op {
	case "hello":
		return &answer{
			Name: "subunit-go", Version: "0.1.0", Language: "Go",
			Profiles: []string{"packet", "stream", "recovery", "writer", "multiplexer"},
		}
	case "bye":
		return &answer{}
	case "open":
		return s.open(asked.Routes)
	case "encode":
		return encode(asked)
	}
	octets, err := hex.DecodeString(asked.Bytes)
	if err != nil {
		return &answer{Error: err.Error()}
	}
	switch {
	case asked.Input == nil && s.reader != nil:
		return s.read(asked.Op, octets)
	case asked.Input != nil && s.multiplexer != nil:
		return s.multiplex(asked.Op, *asked.Input, octets)
	}
	return &answer{Error: "no stream is open"}
}

func (s *Session) open(routes []string) *answer {
	s.reader, s.multiplexer = nil, nil
	if routes == nil {
		s.reader = &subunit.Reader{KeepRaw: true}
		return &answer{}
	}
	var err error
	s.multiplexer, err = subunit.NewMultiplexer(routes...)
	return written(nil, err, &answer{})
}

func (s *Session) read(op string, octets []byte) *answer {
	var items []subunit.Item
	switch op {
	case "feed":
		items = s.reader.Feed(octets)
	case "stop":
		items = s.reader.StopWaiting()
	case "close":
		items = s.reader.Close()
	default:
		return &answer{Unsupported: op}
	}
	forms, held := make([]itemForm, len(items)), s.reader.Pending()
	for index, item := range items {
		forms[index] = formOf(item)
	}
	return &answer{Items: &forms, Held: &held}
}

func (s *Session) multiplex(op string, input int, octets []byte) *answer {
	var out []byte
	switch op {
	case "feed":
		out = s.multiplexer.Feed(input, octets)
	case "stop":
		out = s.multiplexer.StopWaiting(input)
	case "close":
		out = s.multiplexer.Close(input)
	default:
		return &answer{Unsupported: op}
	}
	return written(out, nil, nil)
}

func encode(asked *request) *answer {
	packet, err := asked.Packet.packet(asked.Octets)
	if err != nil {
		return written(nil, err, nil)
	}
	if !asked.Split {
		octets, err := subunit.Encode(packet)
		return written(octets, err, nil)
	}
	var joined []byte
	packets, err := subunit.EncodeSplit(packet)
	for _, octets := range packets {
		joined = append(joined, octets...)
	}
	return written(joined, err, nil)
}

// written answers with octets or a refusal, or with another answer if there is one.
func written(octets []byte, err error, other *answer) *answer {
	var refused *subunit.Refused
	switch {
	case errors.As(err, &refused):
		return &answer{Refused: refused.Field}
	case err != nil:
		return &answer{Error: err.Error()}
	case other != nil:
		return other
	}
	text := hex.EncodeToString(octets)
	return &answer{Bytes: &text}
}
