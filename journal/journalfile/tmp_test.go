package journalfile

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"roamfault/journal"
)

func TestTmp(t *testing.T) {
	dir := os.Getenv("JDIR")
	if dir == "" {
		t.Skip()
	}
	for _, wanted := range []func(i, m string) bool{nil, func(_, m string) bool { return strings.Contains(m, "mt7925") && strings.Contains(m, "timeout") }} {
		for range 3 {
			j, err := Open([]string{dir}, Options{Wanted: wanted})
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			n := 0
			st, err := j.Read(context.Background(), func(r *journal.Record) error {
				n++
				return nil
			})
			t.Log(time.Since(start), n, st, err)
			j.Close()
		}
	}
}
