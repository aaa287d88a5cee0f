package lab

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/hwsim"
)

// quiet is a medium without radios.
type quiet struct{ woken chan struct{} }

func newQuiet() *quiet { return &quiet{make(chan struct{}, 1)} }

func (q *quiet) Receive(deadline time.Time) ([]hwsim.Event, error) {
	select {
	case <-q.woken:
	case <-time.After(time.Until(deadline)):
	}
	return nil, nil
}

func (*quiet) Acknowledge(*hwsim.Frame, bool, int) error        { return nil }
func (*quiet) Inject(_ dot11.Addr, _, _, _ int, _ []byte) error { return nil }
func (q *quiet) Wake()                                          { wake(q.woken) }

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// serve runs a lab behind a control socket.
func serve(t *testing.T, options ...ServerOption) (socket string) {
	t.Helper()
	plan, err := DefaultPlan()
	if err != nil {
		t.Fatal(err)
	}
	network, err := NewNetwork(plan)
	if err != nil {
		t.Fatal(err)
	}
	l := New(network, newQuiet(), Options{})
	socket = filepath.Join(t.TempDir(), "lab.sock")
	server, err := Listen(l, socket, options...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- l.Run(ctx) }()
	go func() { ended <- server.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
	return socket
}

// A capture is what is written until the reader has enough, with what is
// written at the end.
func TestCapture(t *testing.T) {
	wrote := make(chan struct{})
	socket := serve(t, WithCapture(func(w io.Writer) (func() error, error) {
		go func() {
			defer close(wrote)
			for range 3 {
				if _, err := io.WriteString(w, "frames "); err != nil {
					t.Error(err)
				}
			}
		}()
		return func() error {
			<-wrote
			_, err := io.WriteString(w, "end")
			return err
		}, nil
	}))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got bytes.Buffer
	done := make(chan error, 1)
	go func() { done <- Capture(ctx, socket, &got) }()
	<-wrote
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got.String() != "frames frames frames end" {
		t.Errorf("captured %q", got.String())
	}
}

func TestCaptureFails(t *testing.T) {
	if err := Capture(t.Context(), serve(t), io.Discard); err == nil || !strings.Contains(err.Error(), "cannot capture") {
		t.Errorf("error %v", err)
	}
	refused := errors.New("no room")
	socket := serve(t, WithCapture(func(io.Writer) (func() error, error) { return nil, refused }))
	if err := Capture(t.Context(), socket, io.Discard); err == nil || err.Error() != refused.Error() {
		t.Errorf("error %v, want %v", err, refused)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Capture(ctx, filepath.Join(t.TempDir(), "nobody"), io.Discard); err == nil {
		t.Error("captured from nobody")
	}
}

// Who reads too slowly loses whole writes, and holds nobody up.
func TestQueue(t *testing.T) {
	q := newQueue()
	const writes = queueLength + 10
	for i := range writes {
		if n, err := q.Write([]byte{byte(i), byte(i)}); n != 2 || err != nil {
			t.Fatalf("wrote %d, error %v", n, err)
		}
	}
	q.end()
	var got bytes.Buffer
	if err := q.drain(&got); err != nil {
		t.Fatal(err)
	}
	if got.Len() != 2*queueLength || q.lost.Load() != writes-queueLength {
		t.Errorf("%d octets came through, %d writes were lost", got.Len(), q.lost.Load())
	}
}

type counting struct{ frames []string }

func (c *counting) Frame(_ time.Duration, f ap.Frame, _ bool) {
	c.frames = append(c.frames, string(f.Data))
}

// Taps come and go; two that are equal are two.
func TestTaps(t *testing.T) {
	var taps Taps
	var a, b counting
	taps.Frame(0, ap.Frame{Data: []byte("0")}, false)
	removeA := taps.Add(&a)
	removeAgain := taps.Add(&a)
	taps.Frame(0, ap.Frame{Data: []byte("1")}, false)
	removeAgain()
	removeB := taps.Add(&b)
	taps.Frame(0, ap.Frame{Data: []byte("2")}, true)
	removeA()
	removeA()
	taps.Frame(0, ap.Frame{Data: []byte("3")}, true)
	removeB()
	taps.Frame(0, ap.Frame{Data: []byte("4")}, true)
	if diff := cmp.Diff([][]string{{"1", "1", "2"}, {"2", "3"}}, [][]string{a.frames, b.frames}); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
}
