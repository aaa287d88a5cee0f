// Package roamfault_test holds what is true of the whole tree.
package roamfault_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// imports says what the packages below a directory may import of ours, and
// which of the system's doors are closed to them. Data flows one way: journal
// and patterns know nothing of reports, and the core of each knows no operating
// system.
var imports = []struct {
	dir    string
	allow  []string
	closed []string
}{
	{"nl80211/dot11", nil, []string{"os", "net", "syscall"}},
	{"nl80211", []string{"nl80211/dot11"}, nil},
	{"journal", nil, []string{"net"}},
	{"patterns/decode", []string{"nl80211/dot11"}, []string{"os", "net", "syscall"}},
	{"patterns/packgen", []string{"patterns"}, nil},
	{"patterns", []string{"patterns/decode", "nl80211/dot11"}, []string{"os", "net", "syscall"}},
	{"reports/incident", []string{"journal", "patterns", "patterns/decode", "nl80211/dot11"}, []string{"os", "net", "syscall"}},
	{"reports/analysis", []string{"journal", "journal/journalfile", "patterns", "patterns/decode", "reports/incident"}, []string{"net", "syscall"}},
	{"reports/render", []string{"journal", "patterns", "patterns/decode", "nl80211/dot11", "reports/incident", "reports/analysis", "reports/schema"}, []string{"net", "syscall"}},
	{"reports/schema", nil, []string{"os", "net", "syscall"}},
	{"durable", nil, []string{"net"}},
	{"reports/spool", []string{"durable", "journal"}, []string{"net"}},
	{"reports/stats", nil, []string{"os", "net", "syscall"}},
	{"reports/compare", []string{"nl80211/dot11", "reports/render", "reports/stats", "roam/runlog"}, []string{"os", "net", "syscall"}},
	{"reports/runreport", []string{"reports/incident", "reports/render", "roam/runlog"}, []string{"os", "net", "syscall"}},
	{"roam", []string{"journal", "nl80211", "nl80211/dot11", "reports/incident", "roam/runlog"}, []string{"os", "net"}}, // an error number is syscall's
	{"roam/runlog", []string{"journal", "nl80211/dot11"}, []string{"os", "net", "syscall"}},
	{"roam/runlog/rundir", []string{"durable", "roam/runlog"}, []string{"net"}},
	{"roam/observe", []string{"journal", "patterns", "reports/incident"}, []string{"os", "net", "syscall"}},
	{"roam/recorder", []string{"patterns", "reports/incident", "reports/render", "roam", "roam/observe", "roam/runlog"}, []string{"os", "net", "syscall"}},
	{"roam/screen", []string{"journal", "reports/incident", "reports/render", "roam", "roam/runlog"}, []string{"os", "net", "syscall"}},
	{"roam/outbox", []string{"roam"}, []string{"os", "net", "syscall"}},
	{"roam/ctrl", []string{"journal", "nl80211", "nl80211/dot11", "roam", "roam/outbox", "roam/runlog"}, nil},
	{"roam/dbus", []string{"journal", "nl80211", "nl80211/dot11", "roam", "roam/outbox", "roam/runlog"}, []string{"os", "net", "syscall"}},
	{"roam/direct", []string{"journal", "nl80211", "nl80211/dot11", "roam", "roam/outbox", "roam/runlog", "roam/rsn", "roam/rsn/keys", "roam/rsn/sae"}, nil},
	{"roam/probe", []string{"journal", "nl80211", "nl80211/dot11", "roam/runlog"}, nil},
	{"roam/manager", []string{"nl80211", "nl80211/dot11", "reports/render", "roam/runlog"}, nil},
	{"roam/machine", []string{"durable", "journal", "nl80211", "nl80211/dot11", "patterns/decode", "reports/spool", "roam/runlog"}, []string{"net"}},
	{"roam/machine/inject", []string{"journal", "nl80211", "nl80211/dot11", "roam/machine", "roam/runlog"}, []string{"os", "net"}},
	{"roam/resume", []string{
		"durable", "journal", "journal/pstore", "patterns", "reports/incident", "reports/render", "roam/machine", "roam/observe", "roam/recorder", "roam/runlog", "roam/unit",
	}, []string{"net", "syscall"}},
	{"roam/unit", []string{"durable"}, []string{"net", "syscall"}},
	{"roam/newkernel", []string{"durable", "roam/runlog", "roam/unit"}, []string{"net", "syscall"}},
	{"roam/stress", []string{
		"journal", "nl80211", "nl80211/dot11", "patterns", "reports/render", "roam", "roam/ctrl", "roam/dbus", "roam/direct", "roam/lab", "roam/lab/ap", "roam/machine",
		"roam/machine/inject", "roam/manager", "roam/observe", "roam/probe", "roam/recorder", "roam/resume", "roam/runlog",
	}, []string{"net"}},
	{"roam/doctor", []string{"nl80211", "nl80211/dot11", "patterns/decode", "reports/render"}, []string{"os", "net", "syscall"}},
	{"roam/rsn/keys", []string{"nl80211/dot11"}, []string{"os", "net", "syscall"}},
	{"roam/rsn/protect", []string{"nl80211/dot11", "roam/rsn/keys"}, []string{"os", "net", "syscall"}},
	{"roam/rsn/sae", []string{"nl80211/dot11", "roam/rsn/keys"}, []string{"os", "net", "syscall"}},
	{"roam/rsn", []string{"nl80211/dot11", "roam/rsn/keys"}, []string{"os", "net", "syscall"}},
	{"roam/lab/ap", []string{"nl80211/dot11", "roam/rsn", "roam/rsn/keys", "roam/rsn/protect", "roam/rsn/sae"}, []string{"os", "net", "syscall"}},
	{"roam/lab/gateway", []string{"nl80211/dot11"}, []string{"os", "net", "syscall"}},
	{"roam/lab/hwsim", []string{"nl80211", "nl80211/dot11"}, nil},
	{"roam/lab/capture", nil, []string{"os", "net", "syscall"}},
	{"watch", []string{"journal", "patterns", "reports/incident", "reports/render", "reports/spool", "watch/metrics"}, []string{"net"}},
	{"watch/collect", []string{"nl80211", "nl80211/dot11", "patterns/decode", "reports/incident", "reports/render", "reports/spool"}, []string{"net", "net/http"}},
	{"watch/exportfile", []string{"journal"}, []string{"net"}},
	{"watch/metrics", nil, nil},
	{"watch/sdnotify", nil, nil},
	{"watch/watchtest", []string{"journal", "journal/sourcetest"}, nil},
}

func TestImports(t *testing.T) {
	files := goFiles(t)
	for path, file := range files {
		dir := filepath.ToSlash(filepath.Dir(path))
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			ours, isOurs := strings.CutPrefix(imported, "roamfault/")
			if strings.HasPrefix(ours, "cmd/") {
				t.Errorf("%s imports %s", path, imported)
			}
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			for _, rule := range imports {
				if dir != rule.dir {
					continue
				}
				if isOurs && !contains(rule.allow, ours) {
					t.Errorf("%s imports %s, which may not be known there", path, imported)
				}
				if contains(rule.closed, imported) {
					t.Errorf("%s imports %s: the core knows no operating system", path, imported)
				}
			}
		}
	}
}

// timeless are the directories below which nothing asks for the time. It comes in
// with the records, and with the frames: the same must give the same.
var timeless = []string{
	"durable/", "journal/", "nl80211/", "patterns/", "reports/",
	"roam/direct/", "roam/doctor/", "roam/machine/", "roam/manager/", "roam/newkernel/", "roam/observe/", "roam/probe/", "roam/recorder/", "roam/rsn/", "roam/runlog/", "roam/screen/", "roam/unit/",
	"roam/lab/ap/", "roam/lab/capture/", "roam/lab/gateway/",
}

// What writes real journals for tests has a real clock.
func TestNoClockInside(t *testing.T) {
	for path, file := range goFiles(t) {
		isTimeless := hasAnyPrefix(path, timeless...) || filepath.Dir(path) == "roam"
		if strings.HasSuffix(path, "_test.go") || !isTimeless || hasAnyPrefix(path, "journal/sourcetest/") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" && (sel.Sel.Name == "Now" || sel.Sel.Name == "Since") {
					t.Errorf("%s asks for the time", path)
				}
			}
			return true
		})
	}
}

func goFiles(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := make(map[string]*ast.File)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		files[filepath.ToSlash(path)] = f
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
