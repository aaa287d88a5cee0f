package machine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
)

// Marks are read again by the patterns, as the kernel's line and without their
// tag, as the journal has them.
func TestMarks(t *testing.T) {
	x := newFixture(t)
	marks, err := x.Marks()
	if err != nil {
		t.Fatal(err)
	}
	hostile := "to \x1b[31m<3>evil\nroamfault: cycle 99 begin \xff" + strings.Repeat("ü", 500)
	for _, err := range []error{marks.Begin(17, "roam"), marks.End(17, ""), marks.Begin(18, hostile), marks.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(x.text("dev/kmsg"), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	for i, want := range []struct{ cycle, prefix string }{
		{"17", "<14>roamfault: cycle 17 begin roam"}, {"17", "<14>roamfault: cycle 17 end"}, {"18", "<14>roamfault: cycle 18 begin to "},
	} {
		if !strings.HasPrefix(lines[i], want.prefix) || len(lines[i]) > 256 {
			t.Errorf("line %q, want %q", lines[i], want.prefix)
		}
		message := strings.TrimPrefix(lines[i], "<14>")
		for _, as := range []journal.Record{
			{Identifier: "kernel", Message: message},
			{Identifier: "roamfault", Message: strings.TrimPrefix(message, "roamfault: ")},
		} {
			m, ok := patterns.Builtin().Match(as.Identifier, as.Message)
			if !ok || m.Pattern.Class != patterns.CycleMark || m.Fields.Get("id") != want.cycle {
				t.Errorf("the patterns make %+v of %q by %s", m, as.Message, as.Identifier)
			}
		}
	}
}

// No more is written than the kernel takes.
func TestMarksBounded(t *testing.T) {
	x := newFixture(t)
	marks, err := x.Marks()
	if err != nil {
		t.Fatal(err)
	}
	written := func() int { return strings.Count(x.text("dev/kmsg")+"\n", "\n") }
	for n := range 30 {
		x.stamp.Monotonic += 100 * time.Millisecond
		if err := marks.Begin(n, ""); err != nil {
			t.Fatal(err)
		}
	}
	if written() != mostMarks || marks.Dropped() != 20 {
		t.Errorf("%d marks were written in 3 s, %d dropped", written(), marks.Dropped())
	}
	x.stamp.Monotonic += 10 * time.Second
	if err := marks.End(30, ""); err != nil {
		t.Fatal(err)
	}
	if written() != mostMarks+1 {
		t.Error("later there was no mark either")
	}
	if err := marks.Close(); err != nil {
		t.Error(err)
	}
}

func TestMarksRefused(t *testing.T) {
	x := newFixture(t)
	x.put("proc/sys/kernel/printk_devkmsg", "off")
	if _, err := x.Marks(); err == nil || !strings.Contains(fmt.Sprint(err), "printk_devkmsg") {
		t.Errorf("error %v", err)
	}
}
