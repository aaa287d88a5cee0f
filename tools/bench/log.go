package main

import (
	"bufio"
	"io"

	"roamfault/tools/bench/benchlog"
)

// writeLog writes at least size bytes of the log that seed gives, as
// `journalctl` has it in its short format.
func writeLog(w io.Writer, size int64, seed uint64) error {
	out := bufio.NewWriterSize(w, 1<<20)
	var written int64
	for l := range benchlog.Lines(seed, benchlog.Few) {
		if written >= size {
			break
		}
		n, _ := out.WriteString(l.At.Format("Jan 02 15:04:05 desktop "))
		m, _ := out.WriteString(l.Text)
		_ = out.WriteByte('\n')
		written += int64(n + m + 1)
	}
	return out.Flush()
}
