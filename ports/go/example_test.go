package subunit_test

import (
	"bytes"
	"fmt"
	"os"

	subunit "subunit2/go"
)

func Example() {
	var stream bytes.Buffer
	stream.WriteString("starting ")
	subunit.Write(&stream, &subunit.Packet{
		TestID: subunit.String("pkg.Case.test"),
		Status: subunit.Success,
		Tags:   []string{"slow"},
	})
	for item, err := range subunit.Items(&stream) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		switch item := item.(type) {
		case *subunit.Packet:
			fmt.Printf("%s %s %q\n", *item.TestID, item.Status, item.Tags)
		case *subunit.Passthrough:
			fmt.Printf("%q\n", item.Octets)
		case *subunit.Corrupt:
			fmt.Printf("%s at %d\n", item.Code, item.Offset)
		}
	}
	// Output:
	// "starting "
	// pkg.Case.test success ["slow"]
}

func ExampleReader() {
	reader := subunit.Reader{}
	for _, chunk := range []string{"\xb3\x29\x01\x0c\x03", "foo", "\x08\x55\x5f\x1b"} {
		fmt.Println(len(reader.Feed([]byte(chunk))), "items,", reader.Pending(), "octets held")
	}
	fmt.Println(len(reader.Close()), "items")
	// Output:
	// 0 items, 5 octets held
	// 0 items, 8 octets held
	// 1 items, 0 octets held
	// 0 items
}

func ExampleEncode() {
	_, err := subunit.Encode(&subunit.Packet{TestID: subunit.String("a\x00b")})
	fmt.Println(err)
	// Output:
	// subunit: test_id: holds a NUL
}

func ExampleMultiplexer() {
	mux, err := subunit.NewMultiplexer("0", "1")
	if err != nil {
		panic(err)
	}
	joined := mux.Feed(1, []byte("hello\n"))
	joined = append(joined, mux.Close(1)...)
	for item := range subunit.Items(bytes.NewReader(joined)) {
		packet := item.(*subunit.Packet)
		fmt.Printf("%s %s %q\n", *packet.RouteCode, packet.File.Name, packet.File.Content)
	}
	// Output:
	// 1 stdout "hello\n"
	// 1 stdout ""
}
