// Package metrics counts, and writes the counts in the text format of
// Prometheus (exposition format 0.0.4): as a file for the textfile collector, and
// on a loopback port.
package metrics

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Registry is a set of metrics, written in the order in which they were made.
// It is safe for use by several goroutines.
type Registry struct {
	mu   sync.Mutex
	list []*Metric
}

// Metric is a number, or one number for each value of a label.
type Metric struct {
	name, help, kind, label string

	mu     sync.Mutex
	values map[string]float64
}

// Counter makes a metric that only grows. Without a label it begins at 0.
func (r *Registry) Counter(name, help, label string) *Metric {
	return r.add(name, help, "counter", label)
}

// Gauge makes a metric that goes up and down.
func (r *Registry) Gauge(name, help, label string) *Metric {
	return r.add(name, help, "gauge", label)
}

func (r *Registry) add(name, help, kind, label string) *Metric {
	m := &Metric{name: name, help: help, kind: kind, label: label, values: make(map[string]float64)}
	if label == "" {
		m.values[""] = 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, m)
	return m
}

// mostLabels bounds the values of a label: beyond it they count as "other".
const mostLabels = 256

// Add adds to the number of a label's value, "" for a metric without label.
func (m *Metric) Add(value string, n float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[m.known(value)] += n
}

// Set sets it.
func (m *Metric) Set(value string, n float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[m.known(value)] = n
}

// Value returns it.
func (m *Metric) Value(value string) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[value]
}

func (m *Metric) known(value string) string {
	if _, ok := m.values[value]; ok || len(m.values) < mostLabels {
		return value
	}
	return "other"
}

// WriteTo writes all metrics.
func (r *Registry) WriteTo(w io.Writer) (int64, error) {
	r.mu.Lock()
	list := slices.Clone(r.list)
	r.mu.Unlock()
	var b bytes.Buffer
	for _, m := range list {
		m.write(&b)
	}
	return b.WriteTo(w)
}

func (m *Metric) write(b *bytes.Buffer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.values) == 0 {
		return
	}
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n", m.name, strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(m.help), m.name, m.kind)
	for _, value := range slices.Sorted(maps.Keys(m.values)) {
		b.WriteString(m.name)
		if m.label != "" {
			fmt.Fprintf(b, `{%s="%s"}`, m.label, strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(strings.ToValidUTF8(value, "\uFFFD")))
		}
		b.WriteByte(' ')
		b.WriteString(strconv.FormatFloat(m.values[value], 'f', -1, 64))
		b.WriteByte('\n')
	}
}

// WriteFile puts the metrics into a file as a whole, so that its reader never
// sees a part of them.
func (r *Registry) WriteFile(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	_, err = r.WriteTo(f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("write metrics: %w", err)
	}
	return nil
}
