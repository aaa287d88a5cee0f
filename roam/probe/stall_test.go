package probe

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
)

var testAP = dot11.Addr{2, 0, 0, 0, 1, 0}

// happened is something that a watcher is told.
type happened struct {
	what  string // "ask", "answer", "load", "echo", "join", "leave", "aim", "feed"
	at    time.Duration
	count Counters // of feed
}

const second = time.Second

// every tells the same thing again and again.
func every(what string, from, to, step time.Duration) []happened {
	var all []happened
	for at := from; at < to; at += step {
		all = append(all, happened{what: what, at: at})
	}
	return all
}

// play tells a watcher what happened, asking for its verdict at each time.
func play(w *watcher, all []happened) {
	for _, h := range all {
		switch h.what {
		case "join":
			w.joined(h.at, testAP)
		case "leave":
			w.left(h.at)
		case "aim":
			w.target(byPing)
		case "ask":
			w.request(byPing, h.at)
		case "answer":
			w.answer(byPing, h.at)
		case "load":
			w.request(byLoad, h.at)
		case "echo":
			w.answer(byLoad, h.at)
		case "feed":
			w.feed(h.at, &Figures{Connection: h.count})
		}
		w.judge(h.at)
	}
}

func at(what string, at time.Duration) []happened { return []happened{{what: what, at: at}} }

func join(parts ...[]happened) []happened {
	var all []happened
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// well is a connection that was answered once.
var well = join(at("join", 0), at("ask", 0), at("answer", second/100))

func TestWatcher(t *testing.T) {
	for _, tt := range []struct {
		name string
		all  []happened
		want []Stall // without AP
	}{
		{"answered", join(well, at("ask", second), at("answer", second+1), every("ask", 2*second, 3*second, second/5)), nil},
		{"silent", join(well, every("ask", second, 4*second, second/5)), []Stall{{Kind: Both, Begin: second, Told: 3 * second}}},
		{"silent for less than the bound", join(well, every("ask", second, 2900*time.Millisecond, second/5)), nil},
		{"answered late", join(well, every("ask", second, 4*second, second/5), at("answer", 5*second)),
			[]Stall{{Kind: Both, Begin: second, Told: 3 * second, End: 5 * second}}},
		{"an answer from before the silence", join(well, every("ask", second, 4*second, second/5), at("answer", second-1)),
			[]Stall{{Kind: Both, Begin: second, Told: 3 * second}}},
		{"never answered", join(at("join", 0), every("ask", 0, 9*second, second/5)), nil},
		{"another gateway", join(well, at("aim", second), every("ask", second, 9*second, second/5)), nil},
		{"not connected", join(well, at("leave", second), every("ask", second, 9*second, second/5)), nil},
		{"a roam in the silence", join(well, every("ask", second, 2*second, second/5), at("leave", 2*second),
			every("ask", 2*second, 4*second, second/5), at("join", 4*second), every("ask", 4*second, 5*second, second/5), at("answer", 5*second)), nil},
		{"silent after a roam", join(well, at("leave", second), at("join", 2*second), every("ask", 2*second, 5*second, second/5)),
			[]Stall{{Kind: Both, Begin: 2 * second, Told: 4 * second}}},
		{"left while silent", join(well, every("ask", second, 4*second, second/5), at("leave", 5*second)),
			[]Stall{{Kind: Both, Begin: second, Told: 3 * second, End: 5 * second, Left: true}}},
		{"one lost of a slow probe", join(well, at("ask", 5*second), at("ask", 10*second), at("answer", 10*second+1)), nil},
		{"slow probe", join(well, every("ask", 5*second, 20*second, 5*second)), []Stall{{Kind: Both, Begin: 5 * second, Told: 15 * second}}},
		{"the load is answered", join(well, at("load", 0), at("echo", 1), at("ask", second), at("ask", 2*second), at("echo", 3*second-1), at("ask", 3*second), at("ask", 4*second)), nil},
		{"a load that nobody answers", join(well, every("load", 0, 5*second, second/5)), nil},
		{"the load is silent, nothing else is asked", join(well, at("load", 0), at("echo", 1), every("load", second, 4*second, second/5)),
			[]Stall{{Kind: Both, Begin: second, Told: 3 * second}}},
		{"twice", join(well, every("ask", second, 4*second, second/5), at("answer", 4*second), every("ask", 5*second, 8*second, second/5)),
			[]Stall{{Kind: Both, Begin: second, Told: 3 * second, End: 4 * second}, {Kind: Both, Begin: 5 * second, Told: 7 * second}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := watcher{bound: DefaultBound}
			play(&w, tt.all)
			var got []Stall
			for _, s := range w.stalls {
				if s.AP != testAP {
					t.Errorf("stall at %v", s.AP)
				}
				one := *s
				one.AP = dot11.Addr{}
				got = append(got, one)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestDirection(t *testing.T) {
	counts := func(rx, tx, failed uint64) Counters {
		return Counters{RxData: rx, TxPackets: tx, TxFailed: failed, TxRetries: 1}
	}
	unknown := func(rx, tx uint64) Counters { return Counters{RxData: rx, TxPackets: tx} }
	for _, tt := range []struct {
		name        string
		before      Counters // the silence
		first, last Counters // in it
		want        string
	}{
		{"nothing counted", counts(0, 0, 0), counts(0, 0, 0), counts(0, 0, 0), Both},
		{"nothing leaves", counts(1, 1, 0), counts(9, 9, 0), counts(9, 9, 0), Both},
		{"nobody acknowledges", counts(1, 1, 0), counts(9, 9, 0), counts(9, 19, 10), Both},
		{"most is not acknowledged", counts(1, 1, 0), counts(9, 9, 0), counts(9, 19, 6), Both},
		{"acknowledged", counts(1, 1, 0), counts(9, 9, 0), counts(9, 19, 0), Down},
		{"no figures of acknowledgements", unknown(1, 1), unknown(9, 9), unknown(9, 19), Both},
		{"no figures of acknowledgements, other data come", unknown(1, 1), unknown(9, 9), unknown(19, 19), Up},
		{"acknowledged after tries", counts(1, 1, 0), counts(9, 9, 0), counts(9, 19, 3), Down},
		{"a straggler", counts(1, 1, 0), counts(9, 9, 0), counts(11, 19, 0), Down},
		{"other data come", counts(1, 1, 0), counts(9, 9, 0), counts(14, 19, 10), Up},
		{"other data come, we are acknowledged", counts(1, 1, 0), counts(9, 9, 0), counts(14, 19, 0), Up},
		{"data before the silence only", counts(0, 0, 0), counts(90, 90, 0), counts(90, 90, 0), Both},
		{"the counts began anew", counts(1, 1, 0), counts(90, 90, 0), counts(5, 5, 0), Both},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := watcher{bound: DefaultBound}
			play(&w, join(well,
				[]happened{{"feed", second / 2, tt.before}}, every("ask", second, 2*second, second/5),
				[]happened{{"feed", second * 3 / 2, tt.first}, {"feed", second * 5 / 2, tt.last}}, at("ask", 3*second)))
			if len(w.stalls) != 1 || w.stalls[0].Kind != tt.want {
				t.Errorf("got %+v, want %q", w.stalls, tt.want)
			}
		})
	}
}

// linkAt is what two links count at the n-th second of a test.
type linkAt func(n uint64) (one, two Counters)

func TestLinkStall(t *testing.T) {
	busy := func(n uint64) Counters {
		return Counters{RxPackets: 20 * n, TxPackets: 10 * n, Beacons: 10 * n}
	}
	after := func(n, from uint64) uint64 { return max(n, from) - from }
	for _, tt := range []struct {
		name string
		at   linkAt
		want string
	}{
		{"both well", func(n uint64) (Counters, Counters) { return busy(n), busy(n) }, ""},
		{"the other one idle", func(n uint64) (Counters, Counters) { return busy(n), Counters{} }, ""},
		{"no acknowledgement", func(n uint64) (Counters, Counters) {
			two := busy(n)
			two.TxFailed = 10 * after(n, 5)
			return busy(n), two
		}, "link 1"},
		{"one in four lost", func(n uint64) (Counters, Counters) {
			two := busy(n)
			two.TxFailed = two.TxPackets / 4
			return busy(n), two
		}, ""},
		{"deaf", func(n uint64) (Counters, Counters) {
			two := busy(min(n, 5))
			two.TxPackets = 10 * n
			return busy(n), two
		}, "link 1"},
		{"only sent on, and its beacons are not counted", func(n uint64) (Counters, Counters) {
			return busy(n), Counters{TxPackets: 10 * n}
		}, ""},
		{"deaf for a second", func(n uint64) (Counters, Counters) {
			two := busy(n)
			if n == 6 {
				two.RxPackets, two.Beacons = busy(5).RxPackets, busy(5).Beacons
			}
			return busy(n), two
		}, ""},
		{"counts go back", func(n uint64) (Counters, Counters) {
			return busy(n), busy(n % 4)
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := watcher{bound: DefaultBound}
			w.joined(0, testAP)
			var got string
			for n := range uint64(20) {
				one, two := tt.at(n)
				begun, _ := w.feed(time.Duration(n)*second, &Figures{Links: []LinkCounters{{0, one}, {1, two}, {200, one}}})
				for _, s := range begun {
					got += s.Kind
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tt.want != "" && w.during(0, 20*second) != tt.want {
				t.Errorf("the window has %q", w.during(0, 20*second))
			}
		})
	}
}

// A link's stall ends when frames on it are acknowledged again.
func TestLinkStallEnds(t *testing.T) {
	w := watcher{bound: DefaultBound}
	w.joined(0, testAP)
	failed := uint64(0)
	for n := range uint64(12) {
		if n > 2 && n < 8 {
			failed += 10
		}
		bad := Counters{RxPackets: 10 * n, TxPackets: 10 * n, TxFailed: failed, Beacons: 10 * n}
		w.feed(time.Duration(n)*second, &Figures{Links: []LinkCounters{{0, Counters{TxPackets: n, RxPackets: n}}, {1, bad}}})
	}
	if len(w.stalls) != 1 || w.stalls[0].Begin != 2*second || w.stalls[0].End != 8*second && w.stalls[0].End != 9*second {
		t.Errorf("stalls %+v", *w.stalls[0])
	}
}

func TestDuring(t *testing.T) {
	w := watcher{stalls: []*Stall{
		{Kind: Down, Begin: 10 * second, End: 13 * second}, {Kind: Both, Begin: 20 * second, End: 25 * second},
		{Kind: "link 1", Begin: 5 * second, End: 40 * second}, {Kind: Up, Begin: 50 * second},
	}}
	for _, tt := range []struct {
		from, to time.Duration
		want     string
	}{
		{0, 5, ""}, {0, 5 * second, ""}, {0, 6 * second, "link 1"}, {0, 12 * second, Down}, {0, 30 * second, Both},
		{12 * second, 21 * second, Down}, {26 * second, 30 * second, "link 1"}, {41 * second, 49 * second, ""}, {60 * second, 61 * second, Up},
	} {
		if got := w.during(tt.from, tt.to); got != tt.want {
			t.Errorf("%v to %v: %q, want %q", tt.from, tt.to, got, tt.want)
		}
	}
}

// checkWatcher plays what bytes say and holds each stall to what is promised of it:
// it was connected, three requests at least and no answer for as long as the bound.
func checkWatcher(t *testing.T, script []byte) {
	w := watcher{bound: DefaultBound}
	var now, joined, answered time.Duration
	var connected, proven bool
	var requests []time.Duration
	for i := 0; i+1 < len(script); i += 2 {
		now += time.Duration(script[i+1]) * 10 * time.Millisecond
		switch script[i] % 8 {
		case 0:
			w.left(now)
			connected = false
		case 1:
			w.joined(now, testAP)
			connected, joined = true, now
		case 2:
			w.answer(byPing, now)
			proven, answered = true, now
		case 3:
			w.feed(now, &Figures{Links: []LinkCounters{{Link: script[i+1]}, {Link: 1}}})
		case 4:
			w.target(byPing)
			proven = false
		default:
			w.request(byPing, now)
			requests = append(requests, now)
		}
		s, ok := w.judge(now)
		if len(w.stalls) > maxStalls {
			t.Fatalf("%d stalls are kept", len(w.stalls))
		}
		if !ok {
			continue
		}
		unanswered := 0
		for _, r := range requests {
			if r >= s.Begin {
				unanswered++
			}
		}
		if !connected || !proven || s.Begin < joined || s.Begin < answered || now-s.Begin < w.bound || unanswered < fewRequests {
			t.Fatalf("stall %+v at %v: connected %t since %v, proven %t, answered at %v, %d requests", s, now, connected, joined, proven, answered, unanswered)
		}
	}
}

func FuzzWatcher(f *testing.F) {
	f.Add([]byte{1, 0, 5, 1, 2, 1, 5, 20, 5, 200, 5, 200, 5, 200, 2, 0, 0, 0})
	f.Add([]byte{2, 0, 1, 1, 5, 1, 4, 0, 5, 255, 5, 255, 5, 255})
	f.Fuzz(checkWatcher)
}

// Memory stays bounded, however long it goes on.
func TestWatcherBounded(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	script := make([]byte, 1<<18)
	for i := range script {
		script[i] = byte(r.Uint32())
	}
	checkWatcher(t, script)
	w := watcher{bound: DefaultBound}
	for i := range 10 * maxStalls {
		begin := time.Duration(i) * 10 * second
		play(&w, join(at("join", begin), at("answer", begin), every("ask", begin+second, begin+4*second, second/2)))
	}
	if len(w.stalls) != maxStalls || w.stalls[maxStalls-1].Begin < 9*maxStalls*10*second {
		t.Errorf("%d stalls are kept, the last of %v", len(w.stalls), w.stalls[len(w.stalls)-1].Begin)
	}
}

// Whoever is answered within the bound, whatever the delays, never stalls.
func TestNoStallWhenAnswered(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		w := watcher{bound: DefaultBound}
		play(&w, well)
		delay := func() time.Duration { return time.Duration(r.Int64N(int64(DefaultBound - 400*time.Millisecond))) }
		type answer struct{ at time.Duration }
		var under []answer
		for now := second; now < 60*second; now += 10 * time.Millisecond {
			kept := under[:0]
			for _, a := range under {
				if a.at > now {
					kept = append(kept, a)
					continue
				}
				w.answer(byPing, a.at)
			}
			under = kept
			if now%(200*time.Millisecond) == 0 {
				w.request(byPing, now)
				under = append(under, answer{now + delay()})
			}
			if s, ok := w.judge(now); ok {
				t.Fatalf("stall %+v", s)
			}
		}
	}
}
