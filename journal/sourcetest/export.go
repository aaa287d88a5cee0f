package sourcetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"roamfault/journal"
)

// WriteExport writes records in the journal export format (systemd's
// JOURNAL_EXPORT_FORMATS), with their cursors where they have some.
func WriteExport(w io.Writer, records []journal.Record) error {
	var b bytes.Buffer
	for i := range records {
		r := &records[i]
		for _, f := range Fields(r) {
			if !strings.ContainsAny(f.Value, "\n\x00\x1b") {
				fmt.Fprintf(&b, "%s=%s\n", f.Name, f.Value)
				continue
			}
			b.WriteString(f.Name + "\n")
			b.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(f.Value))))
			b.WriteString(f.Value + "\n")
		}
		b.WriteByte('\n')
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Field is a field of a journal entry (systemd.journal-fields(7)).
type Field struct{ Name, Value string }

// Fields are those of the entry that a record is read from.
func Fields(r *journal.Record) []Field {
	list := []Field{
		{"__CURSOR", r.Cursor},
		{"__REALTIME_TIMESTAMP", micros(r.Time.Real(), r.Time.Wall.UnixMicro())},
		{"__MONOTONIC_TIMESTAMP", micros(r.Time.HasMono, int64(r.Time.Mono/time.Microsecond))},
		{"_BOOT_ID", r.Boot}, {"_HOSTNAME", r.Host}, {"SYSLOG_IDENTIFIER", r.Identifier},
		{"_TRANSPORT", string(r.Transport)}, {"_KERNEL_DEVICE", r.Device}, {"MESSAGE", r.Message},
	}
	if r.PID != 0 {
		list = append(list, Field{"_PID", strconv.Itoa(r.PID)})
	}
	if r.Priority != journal.PriorityUnknown {
		list = append(list, Field{"PRIORITY", strconv.Itoa(int(r.Priority))})
	}
	out := list[:0]
	for _, f := range list {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

func micros(known bool, v int64) string {
	if !known {
		return ""
	}
	return strconv.FormatInt(v, 10)
}

// remote is the program that turns export streams into .journal files.
const remote = "systemd-journal-remote"

// Remote is the path of systemd-journal-remote(8), which writes real .journal
// files. The test is skipped where it is missing.
func Remote(t testing.TB) string {
	t.Helper()
	for _, dir := range []string{"/lib/systemd", "/usr/lib/systemd"} {
		if path := filepath.Join(dir, remote); executable(path) {
			return path
		}
	}
	if path, err := exec.LookPath(remote); err == nil {
		return path
	}
	t.Skipf("%s is missing, which writes the .journal files of this test: apt-get install systemd-journal-remote", remote)
	return ""
}

func executable(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode()&0o111 != 0 && st.Mode().IsRegular()
}

// WriteJournal adds records to a real .journal file, made where it is missing.
func WriteJournal(t testing.TB, path string, records []journal.Record) {
	t.Helper()
	var in bytes.Buffer
	if err := WriteExport(&in, records); err != nil {
		t.Fatal(err)
	}
	writeJournal(t, path, &in)
}

// AppendMachine is WriteJournal for the journal of this machine, whose entries
// have its id.
func AppendMachine(t testing.TB, path string, records []journal.Record) {
	t.Helper()
	machine, err := os.ReadFile("/etc/machine-id")
	if err != nil {
		t.Fatal(err)
	}
	var in bytes.Buffer
	for i := range records {
		fmt.Fprintf(&in, "_MACHINE_ID=%s\n", strings.TrimSpace(string(machine)))
		if err := WriteExport(&in, records[i:i+1]); err != nil {
			t.Fatal(err)
		}
	}
	writeJournal(t, path, &in)
}

// writeJournal has systemd store an export stream.
func writeJournal(t testing.TB, path string, in *bytes.Buffer) {
	t.Helper()
	if in.Len() == 0 {
		return
	}
	var said bytes.Buffer
	cmd := exec.Command(Remote(t), "--output="+path, "-")
	cmd.Stdin, cmd.Stderr = in, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v: %s", remote, err, said.String())
	}
}
