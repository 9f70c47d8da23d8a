package conformance

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// text is a string of a case: itself, or its [string, times] pairs.
type text []run

type run struct {
	part  string
	times int
}

func (t *text) UnmarshalJSON(data []byte) error {
	if data[0] != '[' {
		*t = text{{times: 1}}
		return json.Unmarshal(data, &(*t)[0].part)
	}
	var pairs [][2]json.RawMessage
	if err := json.Unmarshal(data, &pairs); err != nil {
		return err
	}
	*t = make(text, len(pairs))
	for at, pair := range pairs {
		each := &(*t)[at]
		if err := json.Unmarshal(pair[0], &each.part); err != nil {
			return err
		}
		if err := json.Unmarshal(pair[1], &each.times); err != nil {
			return err
		}
		if each.times < 0 {
			return fmt.Errorf("repeated %d times", each.times)
		}
	}
	return nil
}

func (t *text) expand() *string {
	if t == nil {
		return nil
	}
	var whole strings.Builder
	for _, each := range *t {
		whole.WriteString(strings.Repeat(each.part, each.times))
	}
	expanded := whole.String()
	return &expanded
}

// octets is hex of a case; its runs are octets.
type octets text

func (o *octets) UnmarshalJSON(data []byte) error {
	if err := (*text)(o).UnmarshalJSON(data); err != nil {
		return err
	}
	for at := range *o {
		part, err := hex.DecodeString((*o)[at].part)
		if err != nil {
			return err
		}
		(*o)[at].part = string(part)
	}
	return nil
}

func (o *octets) expand() []byte {
	if o == nil {
		return nil
	}
	return []byte(*(*text)(o).expand())
}

type item struct {
	Kind           string
	Offset, Length int
	TestID         *text     `json:"test_id"`
	TestStatus     *string   `json:"test_status"`
	TestTags       *[]string `json:"test_tags"`
	Runnable       *bool
	EOF            bool
	FileName       *text   `json:"file_name"`
	FileBytes      *octets `json:"file_bytes"`
	MIMEType       *text   `json:"mime_type"`
	RouteCode      *text   `json:"route_code"`
	Timestamp      *Timestamp
	Recovered      bool
	Raw, Bytes     *octets
	Error          string
}

// replace takes a string of the member `octets`, which encoding/json could not read from `packet`.
func (i *item) replace(key string, value json.RawMessage) error {
	if i == nil {
		return fmt.Errorf("octets without a packet")
	}
	strings := map[string]**text{
		"test_id": &i.TestID, "file_name": &i.FileName, "mime_type": &i.MIMEType,
		"route_code": &i.RouteCode,
	}
	if place, known := strings[key]; known {
		var whole octets
		err := json.Unmarshal(value, &whole)
		*place = (*text)(&whole)
		return err
	}
	if key != "test_tags" {
		return fmt.Errorf("octets of %s", key)
	}
	var tags []octets
	if err := json.Unmarshal(value, &tags); err != nil {
		return err
	}
	i.TestTags = &[]string{}
	for _, tag := range tags {
		*i.TestTags = append(*i.TestTags, string(tag.expand()))
	}
	return nil
}

func (i *item) expand() Item {
	if i == nil {
		return Item{}
	}
	expanded := Item{
		Kind: i.Kind, Offset: i.Offset, Length: i.Length,
		TestID: i.TestID.expand(), TestStatus: i.TestStatus,
		Runnable: i.Runnable == nil || *i.Runnable, EOF: i.EOF,
		FileName: i.FileName.expand(), FileBytes: i.FileBytes.expand(),
		MIMEType: i.MIMEType.expand(), RouteCode: i.RouteCode.expand(), Timestamp: i.Timestamp,
		Recovered: i.Recovered, Raw: i.Raw.expand(), Bytes: i.Bytes.expand(), Error: i.Error,
	}
	if i.TestTags != nil {
		expanded.TestTags = append([]string{}, *i.TestTags...)
	}
	return expanded
}

type feed struct {
	Input     int
	Bytes     *octets
	End, Stop bool
	Packets   []output
}

// output is a packet, as hex, or an object with report or wrapped.
type output struct {
	packet          *octets
	Report, Wrapped *octets
	End             bool
}

func (o *output) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return json.Unmarshal(data, &o.packet)
	}
	type plain output
	return json.Unmarshal(data, (*plain)(o))
}

func (o output) expand() Output {
	switch {
	case o.packet != nil:
		return Output{Kind: "packet", Octets: o.packet.expand()}
	case o.Report != nil:
		return Output{Kind: "report", Octets: o.Report.expand(), Ends: o.End}
	}
	return Output{Kind: "wrapped", Octets: o.Wrapped.expand()}
}
