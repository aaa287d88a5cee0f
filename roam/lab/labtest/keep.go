package labtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"roamfault/roam/lab"
	"roamfault/roam/lab/site"
)

// Log is what kernel and supplicants have logged, in the order of time, as
// syslog would have written it.
func (l *Lab) Log() []byte {
	lines := append(l.Kernel.Since(0), l.Supplicants.Since(0)...)
	slices.SortStableFunc(lines, func(a, b Line) int { return a.Time.Compare(b.Time) })
	var b bytes.Buffer
	for _, line := range lines {
		b.WriteString(line.String())
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// merged is Log with what the access points did.
func (l *Lab) merged() []string {
	type entry struct {
		at   time.Time
		text string
	}
	var all []entry
	for _, line := range append(l.Kernel.Since(0), l.Supplicants.Since(0)...) {
		all = append(all, entry{line.Time, line.Source + ": " + line.Text})
	}
	for _, e := range l.Events.Since(0) {
		all = append(all, entry{e.At, "access point: " + e.String()})
	}
	slices.SortStableFunc(all, func(a, b entry) int { return a.at.Compare(b.at) })
	lines := make([]string, len(all))
	for i, e := range all {
		lines[i] = e.at.UTC().Format("15:04:05.000000 ") + e.text
	}
	return lines
}

// keep writes down what happened in a test that has failed.
func (l *Lab) keep() {
	dir := os.Getenv(keepDir)
	if dir == "" || !l.tb.Failed() && os.Getenv(keepWhat) != "all" {
		return
	}
	dir = filepath.Join(dir, fileName(l.tb.Name()))
	err := os.MkdirAll(dir, 0o755)
	err = errors.Join(err, os.WriteFile(filepath.Join(dir, "system.log"), l.Log(), 0o644))
	err = errors.Join(err, os.WriteFile(filepath.Join(dir, "all.log"), []byte(strings.Join(l.merged(), "\n")+"\n"), 0o644))
	if l.air != nil {
		err = errors.Join(err, l.air.keep(filepath.Join(dir, "air.pcapng")))
	}
	if err != nil {
		l.tb.Errorf("keep the logs: %v", err)
		return
	}
	l.tb.Logf("kept in %s", dir)
}

// fileName makes a test's name one of a file.
func fileName(test string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r <= ' ' {
			return '_'
		}
		return r
	}, test)
}

// airFile is a capture of the lab's air.
type airFile struct {
	*site.Capture
	file *os.File
}

// airLimit is how long a capture may get, in octets: a guest has its files in
// memory.
const airLimit = 32 << 20

func openAir(path string, plan lab.Plan) (*airFile, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	c, err := site.NewCapture(file, plan, site.CaptureOptions{Limit: airLimit})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &airFile{c, file}, nil
}

var _ lab.Tap = (*airFile)(nil)

func (a *airFile) close() error {
	if err := errors.Join(a.Capture.Close(), a.file.Close()); err != nil {
		return fmt.Errorf("capture the air: %w", err)
	}
	return nil
}

// keep puts the file, which is closed, elsewhere.
func (a *airFile) keep(path string) error {
	b, err := os.ReadFile(a.file.Name())
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}
