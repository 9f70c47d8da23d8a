package main

import (
	"fmt"

	"subunit2/conformance"
)

func main() {
	corpus, err := conformance.Load()
	if err != nil {
		panic(err)
	}
	for _, each := range corpus.Cases {
		switch each.ID {
		case "packet/everything", "recovery/checksum-then-good-packet":
			for _, item := range each.Items() {
				fmt.Println(item)
			}
		case "writer/refuses-nul", "writer/refused/test-id-surrogate-first":
			fmt.Println(each.Packet())
		}
	}
}
