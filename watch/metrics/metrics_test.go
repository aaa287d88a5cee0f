package metrics

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the goldens anew")

func sample() *Registry {
	r := &Registry{}
	records := r.Counter("roamfault_records_total", "Log records read.", "")
	records.Add("", 12345678)
	events := r.Counter("roamfault_events_total", "Events, by class.", "class")
	events.Add("mcu-timeout", 2)
	events.Add(`odd"\`+"\n\xff", 1)
	r.Counter("roamfault_never_total", "Has no value yet.", "reason")
	r.Gauge("roamfault_lag_seconds", "Line\nbreak and \\.", "").Set("", -0.25)
	return r
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	if _, err := sample().WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "text.golden")
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "roamfault.prom")
	for range 2 {
		if err := sample().WriteFile(path); err != nil {
			t.Fatal(err)
		}
	}
	list, _ := os.ReadDir(dir)
	st, err := os.Stat(path)
	if err != nil || len(list) != 1 || st.Mode().Perm() != 0o644 {
		t.Errorf("%v, %d files, want one that all may read", err, len(list))
	}
	if err := sample().WriteFile(filepath.Join(dir, "none", "m.prom")); err == nil {
		t.Error("no error for a directory that is missing")
	}
}

// Hostile log text must not grow the set of labels without bound.
func TestLabelsAreBounded(t *testing.T) {
	r := &Registry{}
	m := r.Counter("x_total", "X.", "class")
	for i := range 100000 {
		m.Add(fmt.Sprint(i), 1)
	}
	if len(m.values) > mostLabels+1 {
		t.Errorf("%d label values", len(m.values))
	}
	if got := m.Value("other"); got != 100000-mostLabels {
		t.Errorf("other is %v, want %d", got, 100000-mostLabels)
	}
}

func TestListen(t *testing.T) {
	for address, fails := range map[string]bool{
		"127.0.0.1:0": false, "localhost:0": false, "127.8.8.8:0": false, "[::ffff:127.0.0.1]:0": false,
		"0.0.0.0:0": true, ":0": true, "192.0.2.1:0": true, "[::]:0": true, "example.org:80": true, "127.0.0.1": true, "": true,
		"[::ffff:192.0.2.1]:0": true,
	} {
		l, err := Listen(address)
		if (err != nil) != fails {
			t.Errorf("%q: %v, want failure %v", address, err, fails)
		}
		if err == nil {
			l.Close()
		}
	}
}

func TestServe(t *testing.T) {
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sample().Serve(ctx, l) }()
	resp, err := http.Get("http://" + l.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !strings.Contains(string(body), "roamfault_records_total 12345678\n") || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Errorf("%v, %q, %q", err, resp.Header, body)
	}
	if resp, err := http.Post("http://"+l.Addr().String()+"/metrics", "text/plain", nil); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %v, %v", err, resp.Status)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
