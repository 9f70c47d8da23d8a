// Package conformance holds the cases for readers, writers and multiplexers of subunit version 2.
//
// It is plain data: unmarshal [Cases] into what your tests need. FORMAT.md says what a case has.
package conformance

import (
	_ "embed"
	"strings"
)

// Cases is corpus/cases.json.
//
//go:embed corpus/cases.json
var Cases []byte

// Expand gives a string of a case as encoding/json reads it into an any: itself, or, in a large
// case, its [string, times] pairs joined.
func Expand(value any) string {
	pairs, large := value.([]any)
	if !large {
		return value.(string)
	}
	var whole strings.Builder
	for _, each := range pairs {
		pair := each.([]any)
		whole.WriteString(strings.Repeat(pair[0].(string), int(pair[1].(float64))))
	}
	return whole.String()
}
