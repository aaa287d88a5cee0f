package stock

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/roam/lab/ap"
)

var update = flag.Bool("update", false, "write the table of faults into its document")

// TestFaultTable holds docs/faults.md to the faults there are.
func TestFaultTable(t *testing.T) {
	const (
		path       = "../../../docs/faults.md"
		begin, end = "-update -->\n", "<!-- /table -->"
	)
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		t.Skip("no documents here")
	}
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table", path)
	}
	var table strings.Builder
	table.WriteString("| fault | the access point | keys | frames | class |\n|---|---|---|---|---|\n")
	for _, f := range ap.Faults() {
		frames := "all"
		switch {
		case f.Frames != nil && len(f.Frames) == 0:
			frames = "–"
		case f.Frames != nil:
			frames = strings.Join(f.Frames, ", ")
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s | %s |\n", f.Name, f.About, orDash(strings.Join(f.Parameters, ", ")), frames, orDash(f.Class))
	}
	wanted := before + begin + table.String() + end + after
	if *update {
		if err := os.WriteFile(path, []byte(wanted), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(wanted, string(text)); diff != "" {
		t.Errorf("%s is not of this state; run with -update (-want +got):\n%s", path, diff)
	}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
