package session

import (
	"bytes"
	"encoding/hex"
	"encoding/json"

	subunit "subunit2/go"
)

// itemForm is the JSON form of an item. A field that is absent from the packet is absent here.
type itemForm struct {
	Kind      string         `json:"kind"`
	Offset    int64          `json:"offset"`
	Length    int            `json:"length"`
	TestID    *string        `json:"test_id,omitempty"`
	Status    string         `json:"test_status,omitempty"`
	Tags      *[]string      `json:"test_tags,omitempty"`
	Runnable  *bool          `json:"runnable,omitempty"`
	FileName  *string        `json:"file_name,omitempty"`
	FileBytes *string        `json:"file_bytes,omitempty"`
	EOF       *bool          `json:"eof,omitempty"`
	MIMEType  *string        `json:"mime_type,omitempty"`
	RouteCode *string        `json:"route_code,omitempty"`
	Timestamp *timestampForm `json:"timestamp,omitempty"`
	Recovered bool           `json:"recovered,omitempty"`
	Raw       string         `json:"raw,omitempty"`
	Error     string         `json:"error,omitempty"`
	Bytes     *string        `json:"bytes,omitempty"`
}

type timestampForm struct {
	Seconds     int64 `json:"seconds"`
	Nanoseconds int64 `json:"nanoseconds"`
}

func formOf(item subunit.Item) itemForm {
	form := itemForm{Offset: item.Start(), Length: int(item.End() - item.Start())}
	switch item := item.(type) {
	case *subunit.Packet:
		form.ofPacket(item)
	case *subunit.Passthrough:
		form.Kind, form.Bytes = "passthrough", hexOf(item.Octets)
	case *subunit.Corrupt:
		form.Kind, form.Bytes, form.Error = "corrupt", hexOf(item.Octets), string(item.Code)
	}
	return form
}

func (form *itemForm) ofPacket(packet *subunit.Packet) {
	runnable, eof := !packet.NotRunnable, packet.EOF
	form.Kind = "packet"
	form.TestID, form.Status = packet.TestID, packet.Status.String()
	form.Runnable, form.EOF = &runnable, &eof
	form.MIMEType, form.RouteCode = packet.MIMEType, packet.RouteCode
	form.Recovered = packet.Recovered
	if packet.Tags != nil {
		form.Tags = &packet.Tags
	}
	if packet.File != nil {
		form.FileName, form.FileBytes = &packet.File.Name, hexOf(packet.File.Content)
	}
	if packet.Timestamp != nil {
		form.Timestamp = (*timestampForm)(packet.Timestamp)
	}
	if canonical, _ := subunit.Encode(packet); !bytes.Equal(canonical, packet.Raw) {
		form.Raw = *hexOf(packet.Raw)
	}
}

func hexOf(octets []byte) *string {
	text := hex.EncodeToString(octets)
	return &text
}

// packetForm is the JSON form of a packet to write.
type packetForm struct {
	TestID    *string        `json:"test_id"`
	Status    *string        `json:"test_status"`
	Tags      *[]string      `json:"test_tags"`
	Runnable  *bool          `json:"runnable"`
	FileName  *string        `json:"file_name"`
	FileBytes string         `json:"file_bytes"`
	EOF       bool           `json:"eof"`
	MIMEType  *string        `json:"mime_type"`
	RouteCode *string        `json:"route_code"`
	Timestamp *timestampForm `json:"timestamp"`
}

// octetsForm has the octets, in hex, of the strings that JSON in Go cannot hold: those with a lone
// surrogate, which takes the three octets that UTF-8 would give it.
type octetsForm map[string]json.RawMessage

func (form *packetForm) packet(octets octetsForm) (*subunit.Packet, error) {
	if err := octets.replace(form); err != nil {
		return nil, err
	}
	packet := &subunit.Packet{
		TestID: form.TestID, MIMEType: form.MIMEType, RouteCode: form.RouteCode, EOF: form.EOF,
		NotRunnable: form.Runnable != nil && !*form.Runnable,
		Timestamp:   (*subunit.Timestamp)(form.Timestamp),
	}
	if form.Tags != nil {
		packet.Tags = append([]string{}, *form.Tags...)
	}
	if form.Status != nil {
		status, ok := subunit.StatusOf(*form.Status)
		// writer.refuses
		if !ok {
			return nil, &subunit.Refused{Field: "test_status", Limit: "no status"}
		}
		packet.Status = status
	}
	if form.FileName != nil {
		content, err := hex.DecodeString(form.FileBytes)
		if err != nil {
			return nil, err
		}
		packet.File = &subunit.File{Name: *form.FileName, Content: content}
	}
	return packet, nil
}

// replace puts the strings that were given as octets in the place of their damaged forms.
func (octets octetsForm) replace(form *packetForm) error {
	for key, text := range map[string]**string{
		"test_id": &form.TestID, "file_name": &form.FileName,
		"mime_type": &form.MIMEType, "route_code": &form.RouteCode,
	} {
		if given, ok := octets[key]; ok {
			var replaced hexText
			if err := json.Unmarshal(given, &replaced); err != nil {
				return err
			}
			*text = (*string)(&replaced)
		}
	}
	if given, ok := octets["test_tags"]; ok {
		var replaced []hexText
		if err := json.Unmarshal(given, &replaced); err != nil {
			return err
		}
		tags := make([]string, len(replaced))
		for index, tag := range replaced {
			tags[index] = string(tag)
		}
		form.Tags = &tags
	}
	return nil
}

// hexText is text whose octets are in hex.
type hexText string

// UnmarshalText takes the octets out of the hex.
func (text *hexText) UnmarshalText(digits []byte) error {
	octets, err := hex.DecodeString(string(digits))
	*text = hexText(octets)
	return err
}
