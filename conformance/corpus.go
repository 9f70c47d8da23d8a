// Package conformance holds the cases for readers, writers and multiplexers of subunit version 2.
//
// [Load] gives them as values; FORMAT.md says what a case has. Strings are octets, as everywhere in
// Go: the string of a packet to refuse may be no UTF-8.
//
//	corpus, err := conformance.Load()
//	for _, each := range corpus.Cases {
//		if each.Profile == "packet" {
//			check(each.ID, each.Stream(), each.Items())
//		}
//	}
package conformance

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

// Cases is corpus/cases.json, for programs that read it themselves.
//
//go:embed corpus/cases.json
var Cases []byte

// Clauses is clauses.toml: the rules that the cases cite.
//
//go:embed clauses.toml
var Clauses []byte

// Schemas is the JSON Schemas: schemas/NAME.schema.json, and item.schema.json of an item.
//
//go:embed schemas item.schema.json
var Schemas embed.FS

// Expand gives a string of a case as encoding/json reads it into an any: itself, or, in a large
// case, its [string, times] pairs joined. An absent string is empty. Expand panics with a message
// about the value if it is neither.
func Expand(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case []any:
		var whole strings.Builder
		for _, each := range value {
			part, times, ok := pairOf(each)
			if !ok {
				panic(fmt.Sprintf("conformance.Expand: %#v is no [string, times] pair", each))
			}
			whole.WriteString(strings.Repeat(part, times))
		}
		return whole.String()
	}
	panic(fmt.Sprintf("conformance.Expand: a %T is neither a string nor a list of pairs", value))
}

func pairOf(value any) (part string, times int, ok bool) {
	pair, ok := value.([]any)
	if !ok || len(pair) != 2 {
		return "", 0, false
	}
	part, isString := pair[0].(string)
	number, isNumber := pair[1].(float64)
	return part, int(number), isString && isNumber && number >= 0
}

// Corpus is all cases, in the order of their ids.
type Corpus struct {
	Version string            // of the corpus
	Flags   map[string]string // the description of each flag
	Cases   []Case
}

// Load reads the cases of the package. It fails if cases.json has another format.
func Load() (*Corpus, error) {
	var document struct {
		Format  int
		Version string
		Flags   map[string]string
		Cases   []Case
	}
	if err := json.Unmarshal(Cases, &document); err != nil {
		return nil, fmt.Errorf("conformance: cases.json: %w", err)
	}
	if document.Format != 2 {
		return nil, fmt.Errorf("conformance: cases.json: format %d; only 2 is supported", document.Format)
	}
	return &Corpus{document.Version, document.Flags, document.Cases}, nil
}
