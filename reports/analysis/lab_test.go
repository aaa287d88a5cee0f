package analysis_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/analysis"
	"roamfault/reports/incident"
)

var update = flag.Bool("update", false, "write the golden files")

// findings writes down what an analysis finds, apart from progress.
type findings struct{ strings.Builder }

func (f *findings) Event(e *incident.Event) error {
	if e.Severity > patterns.Info {
		fmt.Fprintf(f, "%s %s: %s\n", e.Class, e.Pattern, e.Message)
	}
	return nil
}

func (f *findings) Incident(i *incident.Incident) error {
	fmt.Fprintf(f, "incident: root %s, layer %s, phase %s, outcome %s\n", i.Root.Class, i.Layer, i.Phase, i.Outcome)
	return nil
}

// TestLabLogs analyses what kernels and the stock supplicant have said of every
// fault that the access points of the lab make. The logs are those of
// make test-lab LAB_KEEP=all, one archive a kernel.
func TestLabLogs(t *testing.T) {
	archives, err := filepath.Glob("../../testdata/lab/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no logs of the lab: %v", err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			logs, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var got txtar.Archive
			for _, log := range logs.Files {
				var f findings
				source := analysis.Source{Name: log.Name, Reader: &journal.Text{Reader: strings.NewReader(string(log.Data))}}
				if _, err := analysis.Run(t.Context(), []analysis.Source{source}, analysis.Options{Catalogue: patterns.Builtin()}, &f); err != nil {
					t.Fatal(err)
				}
				got.Files = append(got.Files, txtar.File{Name: log.Name, Data: []byte(f.String())})
			}
			golden := strings.TrimSuffix(path, ".txtar") + ".golden"
			if *update {
				if err := os.WriteFile(golden, txtar.Format(&got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(txtar.Format(&got))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
