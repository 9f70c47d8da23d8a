package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"subunit2/conformance"
)

func digest(octets string) string {
	sum := sha256.Sum256([]byte(octets))
	return hex.EncodeToString(sum[:])
}

func text(value *string) string {
	if value == nil {
		return "-"
	}
	return *value
}

func hexed(value []byte) string {
	if value == nil {
		return "-"
	}
	return hex.EncodeToString(value)
}

func digestOfItem(item conformance.Item) string {
	tags, time, code := item.TestTags, "- -", item.Error
	if tags == nil {
		tags = []string{"-"}
	}
	if item.Timestamp != nil {
		time = fmt.Sprint(item.Timestamp.Seconds, " ", item.Timestamp.Nanoseconds)
	}
	if code == "" {
		code = "-"
	}
	values := append([]string{item.Kind, code, text(item.TestID), text(item.TestStatus)}, tags...)
	values = append(values, text(item.MIMEType), text(item.FileName), text(item.RouteCode),
		hexed(item.FileBytes), hexed(item.Raw), hexed(item.Bytes),
		fmt.Sprint(item.Offset, " ", item.Length), fmt.Sprint(item.Runnable, " ", item.EOF), time)
	return digest(strings.Join(values, "\x00"))
}

func stringsOf(packet conformance.Item) map[string]any {
	found := map[string]any{}
	for key, value := range map[string]*string{"test_id": packet.TestID,
		"mime_type": packet.MIMEType, "file_name": packet.FileName, "route_code": packet.RouteCode} {
		if value != nil {
			found[key] = digest(*value)
		}
	}
	if packet.TestTags != nil {
		tags := []string{}
		for _, tag := range packet.TestTags {
			tags = append(tags, digest(tag))
		}
		found["test_tags"] = tags
	}
	return found
}

func summary(each *conformance.Case) any {
	switch each.Profile {
	case "writer":
		var written, refused any
		if octets := each.Written(); octets != nil {
			written = digest(string(octets))
		}
		if each.Refused != "" {
			refused = each.Refused
		}
		return []any{stringsOf(each.Packet()), written, refused, each.Split}
	case "multiplexer":
		feeds, wrapped := []any{}, []any{}
		for _, fed := range each.Feeds() {
			feed := []any{fed.Input, digest(string(fed.Octets))}
			for _, part := range fed.Output {
				feed = append(feed, fmt.Sprint(part.Kind, " ", digest(string(part.Octets)), " ", part.Ends))
			}
			feeds = append(feeds, feed)
		}
		for _, octets := range each.Wrapped() {
			wrapped = append(wrapped, digest(string(octets)))
		}
		return []any{each.Routes, feeds, wrapped}
	}
	items, stops := []string{}, append([]int{}, each.Stops...)
	for _, item := range each.Items() {
		items = append(items, digestOfItem(item))
	}
	return []any{digest(string(each.Stream())), items, stops}
}

func main() {
	corpus, err := conformance.Load()
	if err != nil {
		panic(err)
	}
	if _, err := fs.Stat(conformance.Schemas, "schemas/case.schema.json"); err != nil {
		panic(err)
	}
	summaries := map[string]any{}
	for at := range corpus.Cases {
		summaries[corpus.Cases[at].ID] = summary(&corpus.Cases[at])
	}
	json.NewEncoder(os.Stdout).Encode([]any{
		corpus.Version, corpus.Flags, digest(string(conformance.Clauses)), summaries})
}
