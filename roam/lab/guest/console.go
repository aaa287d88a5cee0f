package guest

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
)

// Sizes of what is kept of a console: its beginning and its end, in bytes.
const (
	consoleHead = 64 << 10
	consoleTail = 256 << 10
)

// console keeps what a program prints, its middle left out where it is long.
type console struct {
	mu      sync.Mutex
	head    []byte
	tail    []byte
	dropped int64
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(p), consoleHead-len(c.head))
	c.head = append(c.head, p[:n]...)
	c.tail = append(c.tail, p[n:]...)
	// Cut at twice the size, so that not every write moves the whole.
	if over := len(c.tail) - consoleTail; over > consoleTail {
		c.tail = append(c.tail[:0], c.tail[over:]...)
		c.dropped += int64(over)
	}
	return len(p), nil
}

// String is the text as it is now, carriage returns left out.
func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b bytes.Buffer
	b.Write(c.head)
	tail := c.tail
	if over := len(tail) - consoleTail; over > 0 {
		tail = tail[over:]
	}
	if c.dropped > 0 || len(tail) < len(c.tail) {
		b.WriteString("\n[...]\n")
	}
	b.Write(tail)
	return strings.ReplaceAll(b.String(), "\r", "")
}

var (
	panicLine = regexp.MustCompile(`Kernel panic - not syncing: (.*)`)
	initLine  = regexp.MustCompile(`(?m)^guest init: (.*)$`)
)

// panicOf returns what a kernel panic on the console says, or "".
func panicOf(text string) string {
	if m := panicLine.FindStringSubmatch(text); m != nil {
		return strings.TrimSpace(m[1])
	}
	return ""
}

// initError returns the last thing the guest's init complained of, or "".
func initError(text string) string {
	all := initLine.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return ""
	}
	return strings.TrimSpace(all[len(all)-1][1])
}

// lastLines returns the last n lines that are not empty.
func lastLines(text string, n int) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
