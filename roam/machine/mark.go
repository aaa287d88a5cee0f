package machine

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"roamfault/journal"
	"roamfault/nl80211"
)

// The kernel drops what one open file writes to /dev/kmsg past 10 lines in 5 s,
// and says so only later (kernel/printk/printk.c, devkmsg_write).
const (
	mostMarks  = 10
	marksSpan  = 5 * time.Second
	markLength = 200
)

// Marks writes into the kernel's log where cycles begin and end, so that people
// who read it later see them. Nothing rests on them: those that the kernel would
// drop are not written.
type Marks struct {
	file  *os.File
	clock nl80211.Clock

	mu      sync.Mutex
	written []time.Duration // when, the last ones
	dropped int
}

// Marks opens the kernel's log for marks. It is an error where the kernel takes
// nothing from user space.
func (m *Machine) Marks() (*Marks, error) {
	if m.or("proc/sys/kernel/printk_devkmsg", "") == "off" {
		return nil, errors.New("write marks into the kernel's log: the kernel takes none (sysctl kernel.printk_devkmsg)")
	}
	if m.Clock == nil {
		return nil, errors.New("write marks into the kernel's log: there is no clock")
	}
	f, err := os.OpenFile(m.path("dev/kmsg"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, fmt.Errorf("write marks into the kernel's log: %w", plain(err, "dev/kmsg"))
	}
	return &Marks{file: f, clock: m.Clock}, nil
}

// Begin marks the begin of a cycle, with words about it.
func (m *Marks) Begin(cycle int, words string) error { return m.mark(cycle, "begin", words) }

// End marks its end.
func (m *Marks) End(cycle int, words string) error { return m.mark(cycle, "end", words) }

// mark writes one line, of the level info and the facility user. The words come
// from anywhere.
func (m *Marks) mark(cycle int, what, words string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock().Monotonic
	for len(m.written) > 0 && now-m.written[0] > marksSpan {
		m.written = m.written[1:]
	}
	if len(m.written) >= mostMarks {
		m.dropped++
		return nil
	}
	// Words must not look like another mark.
	words = strings.ReplaceAll(journal.Sanitize(words, false), "roamfault:", "roamfault ")
	line := strings.TrimSpace(fmt.Sprintf("roamfault: cycle %d %s %s", cycle, what, words))
	if len(line) > markLength {
		line = strings.ToValidUTF8(line[:markLength], "")
	}
	if _, err := m.file.WriteString("<14>" + line + "\n"); err != nil {
		return fmt.Errorf("write a mark into the kernel's log: %w", err)
	}
	m.written = append(m.written, now)
	return nil
}

// Dropped is how many marks were not written because there were too many.
func (m *Marks) Dropped() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dropped
}

// Close closes the kernel's log.
func (m *Marks) Close() error { return m.file.Close() }
