package child_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/journal/child"
)

// shell is a program that is a line of sh; $1 is the cursor.
func shell(t *testing.T, name, line string) child.Program {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("sh is missing")
	}
	return child.Program{Name: name, Command: func(cursor string) (*exec.Cmd, error) {
		return exec.Command("sh", "-c", line, name, cursor), nil
	}}
}

// record is sh's word for a record.
func record(n string) string {
	return `printf '__CURSOR=` + n + `\n__REALTIME_TIMESTAMP=1767228681000000\nMESSAGE=record ` + n + `\n\n'; `
}

// The next program goes on where the one before gave up, in whatever way.
func TestPrograms(t *testing.T) {
	missing := child.Program{Name: "missing", Command: func(string) (*exec.Cmd, error) { return exec.Command("/nonexist/program"), nil }}
	second := shell(t, "second", `test "$1" != 2 || `+`{ `+record("2")+`}; `+record("3"))
	for _, c := range []struct {
		name     string
		programs []child.Program
		want     []string
		notices  []string
		err      string
	}{
		{"one", []child.Program{shell(t, "one", record("1")+record("2"))}, []string{"one: record 1", "one: record 2"}, nil, ""},
		{
			"missing", []child.Program{missing, second}, []string{"second: record 3"},
			[]string{"missing: fork/exec /nonexist/program: no such file or directory: going on with second"}, "",
		},
		{
			"dies at the same place each time",
			[]child.Program{shell(t, "first", `test -n "$1" || { `+record("1")+`}; `+`test "$1" = 2 || { `+record("2")+`}; printf '__CURSOR=3\nMESS'; kill -9 $$`), second},
			[]string{"first: record 1", "first: record 2", "second: record 3"},
			[]string{
				"first: died (signal: killed): started again behind the last record read",
				"first: died (signal: killed): starting it again in 1ms",
				"first: keeps dying, 2 times without a record between: died (signal: killed): going on with second",
			}, "",
		},
		{
			"nothing helps", []child.Program{missing, shell(t, "second", "echo no journal >&2; exit 7")}, nil,
			[]string{
				"missing: fork/exec /nonexist/program: no such file or directory: going on with second",
				"second: died (exit status 7): no journal: starting it again in 1ms",
			},
			"read second: keeps dying, 2 times without a record between: died (exit status 7): no journal",
		},
		{"none", nil, nil, nil, "no program to read the journal with"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got, notices []string
			stats, err := child.Read(t.Context(), child.Config{
				Programs: c.programs, Attempts: 2, Backoff: time.Millisecond,
				Notify: func(n child.Notice) { notices = append(notices, n.String()) },
			}, journal.Filter{}, func(r *journal.Record) error {
				got = append(got, r.Origin.File+": "+r.Message)
				if r.Origin.Line != len(got) {
					t.Errorf("record %d has number %d", len(got), r.Origin.Line)
				}
				return nil
			})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.notices, notices); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
			if (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if stats.Records != len(got) {
				t.Errorf("stats count %d records of %d", stats.Records, len(got))
			}
		})
	}
}

// What a program passed over while it followed is read again, in order; what it
// gives twice is taken once; what it never gives does not stop the reading.
func TestPassedOver(t *testing.T) {
	cursor := func(n int) string { return fmt.Sprintf("s=a;i=%x;b=0", n) }
	give := func(list ...int) (line string) {
		for _, n := range list {
			line += record(cursor(n))
		}
		return line
	}
	begun := `case "$1" in "") `
	for _, c := range []struct {
		name, line string
		want       []int
		notices    []string
	}{
		{
			"found again", begun + give(1, 2, 5, 6) + `;; "` + cursor(2) + `") ` + give(2, 3, 4, 5, 6, 7) + `;; esac; `, []int{1, 2, 3, 4, 5, 6, 7},
			[]string{"2 records were passed over: reading again behind the last record read"},
		},
		{
			"hidden", begun + give(1, 2, 5) + `;; "` + cursor(2) + `") ` + give(2, 5, 6) + `;; esac; `, []int{1, 2, 5, 6},
			[]string{"2 records were passed over: reading again behind the last record read"},
		},
		{"twice", begun + give(1, 2, 3, 1, 2, 3, 4) + `;; esac; `, []int{1, 2, 3, 4}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var got, want, notices []string
			for _, n := range c.want {
				want = append(want, "record "+cursor(n))
			}
			_, err := child.Read(ctx, child.Config{
				Programs: []child.Program{shell(t, "sh", c.line+"exec sleep 60")}, Follow: true, Every: true,
				Notify: func(n child.Notice) { notices = append(notices, strings.TrimPrefix(n.String(), "sh: ")) },
			}, journal.Filter{}, func(r *journal.Record) error {
				if got = append(got, r.Message); len(got) == len(want) {
					cancel()
				}
				return nil
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.notices, notices); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
		})
	}
}

// A program that ends its output and does not die, one that leaves a process
// behind that holds it, one that floods the error output: none holds the reader.
func TestOddEnds(t *testing.T) {
	for name, line := range map[string]string{
		"lives on":           record("1") + "exec >&- ; exec 2>&-; exec sleep 60",
		"leaves a child":     record("1") + "sleep 60 & exit 0",
		"floods":             record("1") + "yes error | head -c 3000000 >&2",
		"one endless word":   record("1") + "yes | tr -d '\\n' | head -c 3000000 >&2",
		"output that is bad": record("1") + "printf '\\001\\002\\n\\377'",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			n := 0
			_, err := child.Read(t.Context(), child.Config{Programs: []child.Program{shell(t, "sh", line)}, Attempts: 1, Backoff: time.Millisecond},
				journal.Filter{}, func(*journal.Record) error {
					if n++; n == 1 && name == "leaves a child" {
						return journal.ErrStop
					}
					return nil
				})
			if n != 1 || err != nil && !errors.Is(err, child.ErrDying) {
				t.Errorf("%d records, error %v", n, err)
			}
			if err != nil && len(err.Error()) > 4000 || err != nil && strings.ContainsAny(err.Error(), "\n\x01") {
				t.Errorf("error of %d bytes", len(err.Error()))
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("held for %v", took)
			}
		})
	}
}

func TestMatches(t *testing.T) {
	const boot = "0123456789abcdef0123456789abcdef"
	many := make([]string, 100)
	for i := range many {
		many[i] = "x"
	}
	for _, c := range []struct {
		name string
		f    journal.Filter
		want [][]string
	}{
		{"all", journal.Filter{}, nil},
		{"boot", journal.Filter{Boot: boot}, [][]string{{"_BOOT_ID=" + boot}}},
		{"number of a boot", journal.Filter{Boot: "1"}, nil},
		{"capitals are no boot of the journal's", journal.Filter{Boot: strings.ToUpper(boot)}, nil},
		{"kernel", journal.Filter{KernelOnly: true}, [][]string{{"_TRANSPORT=kernel"}, {"SYSLOG_IDENTIFIER=kernel"}, {"_COMM=kernel"}}},
		{"name", journal.Filter{Boot: boot, Identifiers: []string{"iwd"}}, [][]string{
			{"_BOOT_ID=" + boot, "SYSLOG_IDENTIFIER=iwd"}, {"_BOOT_ID=" + boot, "_COMM=iwd"},
			{"_BOOT_ID=" + boot, "SYSLOG_IDENTIFIER=iwd.service"}, {"_BOOT_ID=" + boot, "_COMM=iwd.service"},
		}},
		{"odd name", journal.Filter{Identifiers: []string{"iwd", "a b"}}, nil},
		{"too many", journal.Filter{Identifiers: many}, nil},
	} {
		if diff := cmp.Diff(c.want, child.Matches(&c.f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
