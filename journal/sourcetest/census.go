package sourcetest

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// counts are what a reading must not leave behind.
type counts struct {
	goroutines int
	files      int // open descriptors, where the system shows them
	children   int // processes of ours, dead ones that nobody reaped included
}

func census(t *testing.T) counts {
	t.Helper()
	c := counts{goroutines: runtime.NumGoroutine()}
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		c.files = len(list)
	}
	if list, err := os.ReadDir("/proc/self/task"); err == nil {
		for _, task := range list {
			if b, err := os.ReadFile("/proc/self/task/" + task.Name() + "/children"); err == nil {
				c.children += len(strings.Fields(string(b)))
			}
		}
	}
	return c
}

// compare fails when more is left than there was. What ends on its own in
// another goroutine gets the time to.
func (c counts) compare(t *testing.T) {
	t.Helper()
	var now counts
	for wait := time.Millisecond; wait < patience; wait *= 2 {
		now = census(t)
		if now.goroutines <= c.goroutines && now.files <= c.files && now.children <= c.children {
			return
		}
		time.Sleep(wait)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("left behind: %d goroutines, %d files, %d children; before %d, %d, %d\n%s",
		now.goroutines, now.files, now.children, c.goroutines, c.files, c.children, stacks[:runtime.Stack(stacks, true)])
}
