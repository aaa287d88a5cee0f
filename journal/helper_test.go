package journal

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// readAll reads text and returns the records in a short form:
//
//	line+lines time +mono host ident[pid] pN transport device xCount boot | message
//
// where parts that are empty or plain are left out.
func readAll(t testing.TB, text string) ([]string, Stats) {
	t.Helper()
	var out []string
	st, err := Read(context.Background(), strings.NewReader(text), Options{File: "-"}, func(r *Record) error {
		out = append(out, short(r))
		return nil
	})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return out, st
}

func short(r *Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d+%d", r.Origin.Line, r.Origin.Lines)
	add := func(s string) {
		if s != "" {
			b.WriteByte(' ')
			b.WriteString(s)
		}
	}
	add(r.Time.String())
	if r.Time.HasMono && r.Time.Known != 0 {
		add(Time{Mono: r.Time.Mono, HasMono: true}.String())
	}
	if r.Host != "" {
		add("@" + r.Host)
	}
	if r.PID != 0 {
		add(fmt.Sprintf("%s[%d]", r.Identifier, r.PID))
	} else {
		add(r.Identifier)
	}
	if r.Priority != PriorityUnknown {
		add(fmt.Sprintf("p%d", r.Priority))
	}
	add(string(r.Transport))
	add(r.Device)
	if r.Count != 1 {
		add(fmt.Sprintf("x%d", r.Count))
	}
	if r.Boot != "" {
		add("boot=" + r.Boot)
	}
	if r.Cursor != "" {
		add("cursor=" + r.Cursor)
	}
	return strings.ReplaceAll(b.String(), "kernel kernel", "kernel") + " | " + r.Message
}

// collect reads text and hands its records to f.
func collect(t testing.TB, text string, f func(*Record)) Stats {
	t.Helper()
	st, err := Read(context.Background(), strings.NewReader(text), Options{File: "-"}, func(r *Record) error {
		f(r)
		return nil
	})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return st
}
