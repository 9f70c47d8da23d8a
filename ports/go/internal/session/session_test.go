package session

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	requests := []struct{ request, answer string }{
		{`{"id":0,"op":"feed","bytes":""}`, `{"id":0,"error":"no stream is open"}`},
		{`{"id":1,"op":"open"}`, `{"id":1}`},
		{
			`{"id":2,"op":"feed","bytes":"b328800700"}`,
			`{"id":2,"items":[{"kind":"corrupt","offset":0,"length":1,"error":"length_too_short",` +
				`"bytes":"b3"},{"kind":"passthrough","offset":1,"length":4,"bytes":"28800700"}],"held":0}`,
		},
		{`{"id":3,"op":"dance"}`, `{"id":3,"unsupported":"dance"}`},
		{`{"id":4,"op":"close"}`, `{"id":4,"items":[],"held":0}`},
		{
			`{"id":5,"op":"encode","packet":{"test_id":"foo","test_status":"exists"}}`,
			`{"id":5,"bytes":"b329010c03666f6f08555f1b"}`,
		},
		{
			`{"id":6,"op":"encode","octets":{"test_tags":["61","eda080"]},` +
				`"packet":{"test_tags":["a","\ud800"]}}`,
			`{"id":6,"refused":"test_tags"}`,
		},
		{`{"id":7,"op":"encode","packet":{"test_status":"boo"}}`, `{"id":7,"refused":"test_status"}`},
		{`{"id":8,"op":"open","routes":["0"]}`, `{"id":8}`},
		{
			`{"id":9,"op":"feed","input":0,"bytes":"b329010c03666f6f08555f1b"}`,
			`{"id":9,"bytes":"b32d010e03666f6f0130e68adc9d"}`,
		},
		{`{"id":10,"op":"close","input":0}`, `{"id":10,"bytes":""}`},
		{`{"id":11,"op":"bye"}`, `{"id":11}`},
	}
	var asked, expected, answers strings.Builder
	for _, each := range requests {
		asked.WriteString(each.request + "\n")
		expected.WriteString(each.answer + "\n")
	}
	if err := Run(strings.NewReader(asked.String()), &answers); err != nil {
		t.Fatal(err)
	}
	if answers.String() != expected.String() {
		t.Errorf("%s\nexpected\n%s", answers.String(), expected.String())
	}
	if err := Run(strings.NewReader(`{"id":`), &answers); err == nil {
		t.Error("no error")
	}
}
