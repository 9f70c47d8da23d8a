package main

import (
	"fmt"

	"subunit2/conformance"
)

func try(value any) {
	defer func() {
		if reason := recover(); reason != nil {
			fmt.Println(reason)
		}
	}()
	fmt.Printf("%q\n", conformance.Expand(value))
}

func main() {
	try(nil)
	try("ab")
	try([]any{})
	try([]any{[]any{"ab", 2.0}, []any{"c", 1.0}})
	try(5.0)
	try([]any{"a"})
	try([]any{[]any{"a", -1.0}})
}
