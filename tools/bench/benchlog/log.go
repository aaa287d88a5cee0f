// Package benchlog makes the log that the benchmarks read, the same one from the
// same seed: that of a desktop, mostly daemons that have nothing to do with
// Wi-Fi, firewall lines that name the Wi-Fi interface, a reconnect every few
// thousand lines, and now and then a failure. In every ten thousand lines about
// 9,870 are background, 110 are those of healthy Wi-Fi and 20 those of a failure.
package benchlog

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"
)

const (
	healthyEvery = 1300
	failureEvery = 9000
)

// Numbers says how far the numbers in lines go.
type Numbers int

// The ranges of numbers.
const (
	// None: always 0, so that lines of a kind are the same.
	None Numbers = 1
	// Few: below 250, so that many lines are the same but for their time.
	Few Numbers = 250
	// Many: up to 4 million where a real log counts, so that most lines are
	// distinct; below 250 elsewhere.
	Many Numbers = 4 << 20
)

// Line is one line of the log.
type Line struct {
	// At is its time, in steps of half a second; several lines share one.
	At time.Time
	// Text is what stands behind time and host: "identifier[pid]: message".
	Text string
}

// Split takes the text of a line apart; pid is empty where it has none.
func (l Line) Split() (identifier, pid, message string) {
	head, message, _ := strings.Cut(l.Text, ": ")
	identifier, pid, _ = strings.Cut(head, "[")
	return identifier, strings.TrimSuffix(pid, "]"), message
}

// Lines are those of the log that seed gives, without end.
func Lines(seed uint64, numbers Numbers) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		r := rand.New(rand.NewPCG(seed, seed))
		var pool []*kind
		for i := range background {
			for range background[i].weight {
				pool = append(pool, &background[i])
			}
		}
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for n := 1; ; n++ {
			if r.IntN(4) == 0 {
				at = at.Add(time.Duration(r.IntN(3)) * time.Second / 2)
			}
			switch {
			case n%failureEvery == 0:
				ap := r.IntN(2)
				for i, t := range failure {
					if i >= 5 && i <= 7 {
						at = at.Add(3 * time.Second)
					}
					if !yield(Line{at, fmt.Sprintf(t, numbersAs(t, ap)...)}) {
						return
					}
				}
			case n%healthyEvery == 0:
				ap := r.IntN(2)
				for _, t := range healthy {
					if !yield(Line{at, fmt.Sprintf(t, numbersAs(t, ap)...)}) {
						return
					}
				}
			default:
				k := pool[r.IntN(len(pool))]
				below := int(min(Few, numbers))
				if k.wide {
					below = int(numbers)
				}
				if !yield(Line{at, fmt.Sprintf(k.text, someNumbers(r, k.text, below)...)}) {
					return
				}
			}
		}
	}
}

// someNumbers gives a random one for each number of a text.
func someNumbers(r *rand.Rand, text string, below int) []any {
	var args []any
	for i := 0; i+1 < len(text); i++ {
		if text[i] == '%' && text[i+1] != '%' {
			args = append(args, r.IntN(below))
		}
	}
	return args
}

// numbersAs gives ap for the one number of a text that has one.
func numbersAs(text string, ap int) []any {
	if strings.Contains(text, "%") {
		return []any{ap}
	}
	return nil
}
