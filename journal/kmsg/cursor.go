package kmsg

import (
	"fmt"
	"strconv"
	"strings"
)

// cursor is the place of a record: "kmsg:BOOT:SEQ".
type cursor struct {
	boot string
	seq  int64
}

func (c cursor) String() string { return "kmsg:" + c.boot + ":" + strconv.FormatInt(c.seq, 10) }

// parseCursor reads a cursor.
func parseCursor(s string) (cursor, error) {
	rest, ok := strings.CutPrefix(s, "kmsg:")
	boot, number, ok2 := strings.Cut(rest, ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	if !ok || !ok2 || err != nil || seq < 0 {
		return cursor{}, fmt.Errorf("cursor %q is none of /dev/kmsg: want kmsg:BOOT:NUMBER", s)
	}
	return cursor{boot, seq}, nil
}
