package subunit

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"
)

func TestItemsReadsAStream(t *testing.T) {
	stream := append([]byte("log\n"), foo...)
	var items []Item
	for item, err := range Items(iotest.OneByteReader(bytes.NewReader(stream))) {
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item)
	}
	if found := describe(joined(items)); found != "log\n|foo" {
		t.Error(found)
	}
}

func TestItemsYieldsAnErrorLast(t *testing.T) {
	broken := errors.New("broken pipe")
	stream := io.MultiReader(bytes.NewReader(foo[:5]), iotest.ErrReader(broken))
	var items []Item
	for item, err := range Items(stream) {
		if err != nil {
			if describe(items) != "truncated" || !errors.Is(err, broken) || item != nil {
				t.Errorf("%s, %v", describe(items), err)
			}
			return
		}
		items = append(items, item)
	}
	t.Error("no error")
}

func TestItemsCanBeLeft(t *testing.T) {
	for range Items(bytes.NewReader(append(foo, foo...))) {
		break
	}
}

// A slowWriter takes some octets of each write, and keeps them.
type slowWriter struct {
	most, calls int
	octets      []byte
}

func (w *slowWriter) Write(octets []byte) (int, error) {
	size := min(w.most, len(octets))
	w.calls++
	w.octets = append(w.octets, octets[:size]...)
	return size, nil
}

func TestWriteIsOneCall(t *testing.T) {
	packet := &Packet{TestID: String("foo"), Status: Exists}
	for most, calls := range map[int]int{12: 1, 5: 3} {
		out := slowWriter{most: most}
		err := Write(&out, packet)
		if err != nil || out.calls != calls || !bytes.Equal(out.octets, foo) {
			t.Errorf("%d calls, %x, %v", out.calls, out.octets, err)
		}
	}
	if err := Write(&slowWriter{}, packet); !errors.Is(err, io.ErrShortWrite) {
		t.Error(err)
	}
	if err := Write(io.Discard, &Packet{TestID: String("\x00")}); err == nil {
		t.Error("not refused")
	}
	closed, end := io.Pipe()
	closed.Close()
	if err := Write(end, packet); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

func TestTimestampsAreExact(t *testing.T) {
	moment := time.Date(2031, 8, 27, 5, 1, 20, 250_000_001, time.FixedZone("", 3600))
	stamp := TimestampOf(moment)
	if *stamp != (Timestamp{1945569680, 250_000_001}) || !stamp.Time().Equal(moment) {
		t.Errorf("%v, %v", *stamp, stamp.Time())
	}
}
