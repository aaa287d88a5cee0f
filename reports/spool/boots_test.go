package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBootNotes(t *testing.T) {
	dir := t.TempDir()
	if notes, err := ReadBoots(dir); notes != nil || err != nil {
		t.Fatalf("without notes: %v, %v", notes, err)
	}
	s := open(t, dir, Limits{})
	mt7925e := Module{Name: "mt7925e", Driver: true, SrcVersion: "AAAA"}
	common := Module{Name: "mt7925_common", SrcVersion: "BBBB"}
	patched := Module{Name: "mt7925e", Driver: true, SrcVersion: "A0A0"}
	note := func(boot, kernel string, modules ...Module) {
		t.Helper()
		if err := s.NoteBoot(BootNote{Boot: boot, Kernel: kernel, Modules: modules}); err != nil {
			t.Fatal(err)
		}
	}
	note("0000-b001", "", common, Module{Name: "mt7925e", SrcVersion: "AAAA"}) // before the card is found
	note("0000b001", "6.18.2", mt7925e, common)
	note("0000b002", "6.19.0", mt7925e)
	note("", "6.19.0", mt7925e) // a system that does not tell
	s = again(t, s, Limits{})
	note("0000b002", "6.19.0", patched) // loaded anew
	note("0000b003", "6.19.0")
	want := []BootNote{
		{"0000b001", "6.18.2", []Module{common, mt7925e}},
		{"0000b002", "6.19.0", []Module{mt7925e, patched}},
		{"0000b003", "6.19.0", []Module{}},
	}
	got, err := ReadBoots(dir) // while it is open
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Nothing new, nothing written.
	before, err := os.Stat(filepath.Join(dir, bootsName))
	if err != nil {
		t.Fatal(err)
	}
	note("0000b003", "6.19.0")
	note("0000b002", "6.19.0", mt7925e, patched)
	if after, err := os.Stat(filepath.Join(dir, bootsName)); err != nil || !os.SameFile(before, after) {
		t.Errorf("written anew without news: %v", err)
	}
	// They are no incident and count for nothing.
	again(t, s, Limits{})
	if got := s.Usage(); got != (Usage{}) {
		t.Errorf("usage %+v", got)
	}
}

func TestBootNotesAreBounded(t *testing.T) {
	s := open(t, t.TempDir(), Limits{})
	for n := range mostBoots + 3 {
		if err := s.NoteBoot(BootNote{Boot: fmt.Sprintf("%08x", n)}); err != nil {
			t.Fatal(err)
		}
	}
	var many []Module
	for n := range 2 * mostBootModules {
		many = append(many, Module{Name: fmt.Sprint("m", n)})
	}
	if err := s.NoteBoot(BootNote{Boot: "last", Modules: many}); err != nil {
		t.Fatal(err)
	}
	notes, err := ReadBoots(s.dir)
	if err != nil || len(notes) != mostBoots || notes[0].Boot != "00000004" || len(notes[mostBoots-1].Modules) != mostBootModules {
		t.Errorf("%d boots, the first %+v, %v", len(notes), notes[0], err)
	}
}

// Notes that cannot be used are told, and written anew.
func TestDamagedBootNotes(t *testing.T) {
	s := open(t, t.TempDir(), Limits{})
	for _, body := range []string{"", "{", "null", `{"schema":"another/v1","boots":[]}`, strings.Repeat("[", 100)} {
		if err := os.WriteFile(filepath.Join(s.dir, bootsName), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		if notes, err := ReadBoots(s.dir); !errors.Is(err, ErrBootNotes) || notes != nil {
			t.Errorf("%q: %v, %v", body, notes, err)
		}
		if err := s.NoteBoot(BootNote{Boot: "b"}); err != nil {
			t.Fatal(err)
		}
		if notes, err := ReadBoots(s.dir); len(notes) != 1 || err != nil {
			t.Errorf("written anew: %v, %v", notes, err)
		}
	}
}
