// Command subunit-session answers the runner of the conformance suite, on standard input and output.
package main

import (
	"fmt"
	"os"

	"subunit2/go/internal/session"
)

func main() {
	if err := session.Run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "subunit-session:", err)
		os.Exit(1)
	}
}
