package incident

import (
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
)

func yearless(month time.Month, day, hour, minute, second int) journal.Time {
	return journal.Time{Wall: time.Date(0, month, day, hour, minute, second, 0, time.UTC), Known: journal.KnownClock | journal.KnownDate, Precision: time.Second}
}

func clockOnly(hour, minute, second int) journal.Time {
	return journal.Time{Wall: time.Date(0, 1, 1, hour, minute, second, 0, time.UTC), Known: journal.KnownClock, Precision: time.Second}
}

func since(d time.Duration) journal.Time { return journal.Time{Mono: d, HasMono: true} }

func TestMinus(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b moment
		want time.Duration
		ok   bool
	}{
		{"one boot", moment{time: since(5 * time.Second)}, moment{time: since(2 * time.Second)}, 3 * time.Second, true},
		{"two boots", moment{time: since(5 * time.Second), boot: "1"}, moment{time: since(2 * time.Second), boot: "2"}, 0, false},
		{"without year", moment{time: yearless(6, 1, 12, 0, 5)}, moment{time: yearless(6, 1, 12, 0, 0)}, 5 * time.Second, true},
		{"round the year", moment{time: yearless(1, 1, 0, 0, 1)}, moment{time: yearless(12, 31, 23, 59, 58)}, 3 * time.Second, true},
		{"round midnight", moment{time: clockOnly(0, 0, 1)}, moment{time: clockOnly(23, 59, 59)}, 2 * time.Second, true},
		{"different clocks", moment{time: clockOnly(0, 0, 1)}, moment{time: since(time.Second)}, 0, false},
		{"no clock", moment{}, moment{time: since(time.Second)}, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := tt.a.minus(tt.b); got != tt.want || ok != tt.ok {
				t.Errorf("minus = %v, %v; want %v, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestWithin(t *testing.T) {
	a, b := moment{time: clockOnly(1, 0, 0), file: "f", line: 10}, moment{time: since(time.Second), file: "f", line: 20}
	if !a.within(time.Second, b) {
		t.Error("neighbours on different clocks do not count as near")
	}
	b.line = 500
	if a.within(time.Second, b) {
		t.Error("records far apart on different clocks count as near")
	}
	if !a.within(time.Second, moment{file: "g", line: 999}) {
		t.Error("a record without a clock does not count as near")
	}
}

func TestCards(t *testing.T) {
	find := func(cs *cards, s patterns.Subject) *card { return cs.find(s) }
	t.Run("a predictable name belongs to its PCI address", func(t *testing.T) {
		var cs cards
		mt := find(&cs, patterns.Subject{Driver: "mt7925e", Bus: "0000:c0:00.0"})
		find(&cs, patterns.Subject{Driver: "iwlwifi", Bus: "0000:05:00.0"})
		if got := find(&cs, patterns.Subject{Iface: "wlp192s0"}); got != mt {
			t.Errorf("wlp192s0 is %v, want %v", got, mt)
		}
		if got := find(&cs, patterns.Subject{Iface: "wlp5s0"}); got == mt {
			t.Error("wlp5s0 is taken for the device at c0")
		}
	})
	t.Run("an interface seen first is that of the only device", func(t *testing.T) {
		var cs cards
		w := find(&cs, patterns.Subject{Iface: "wlan0"})
		if got := find(&cs, patterns.Subject{Driver: "mt7921e", Bus: "0000:05:00.0"}); got != w {
			t.Error("the device is another card than its interface")
		}
	})
	t.Run("a damaged domain is the same device", func(t *testing.T) {
		var cs cards
		a := find(&cs, patterns.Subject{Driver: "mt7921e", Bus: "8000:04:00.0"})
		if got := find(&cs, patterns.Subject{Driver: "mt7921e", Bus: "0000:04:00.0"}); got != a {
			t.Error("two cards of one address")
		}
	})
	t.Run("a USB port has its device", func(t *testing.T) {
		var cs cards
		u := find(&cs, patterns.Subject{Driver: "mt7921u", Bus: "2-1:1.3"})
		if cs.byPort("2-1") != u || cs.byPort("2-11") != nil {
			t.Error("ports and devices do not fit")
		}
	})
	t.Run("the table is bounded", func(t *testing.T) {
		var cs cards
		for i := range 10 * mostCards {
			find(&cs, patterns.Subject{Driver: "mt7921e", Bus: time.Duration(i).String() + ":00.0"})
		}
		if len(cs.all) > mostCards {
			t.Errorf("%d cards", len(cs.all))
		}
	})
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		850 * time.Millisecond: "850 ms", 2700 * time.Millisecond: "2.7 s", 3 * time.Second: "3 s", 200 * time.Second: "3 min 20 s", 2 * time.Hour: "2 h", 90 * time.Minute: "1 h 30 min",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestFurthest(t *testing.T) {
	for _, tt := range [][3]string{{"chip-id", "firmware-sent", "firmware-sent"}, {"firmware-sent", "chip-id", "firmware-sent"}, {"", "chip-id", "chip-id"}, {"chip-id", "chip-id", "chip-id"}, {"", "", ""}} {
		if got := furthest(tt[0], tt[1]); got != tt[2] {
			t.Errorf("furthest(%q, %q) = %q, want %q", tt[0], tt[1], got, tt[2])
		}
	}
}
