package newkernel

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/roam/runlog"
	"roamfault/roam/unit"
)

func state() *State {
	return &State{Version: 1, Watch: Watch{
		Since: time.Unix(1_790_000_000, 0).UTC(), Machine: "m", Device: "14c3:7925", Driver: "mt7925e", Network: "lab", Runs: "/home/a/runs", UID: 1000, GID: 1000,
		Plan: runlog.Plan{Name: "test", Cycles: 100, CyclesPerLoad: 25}.WithDefaults(),
	}}
}

func someUnit() Unit {
	return Unit{Program: "/opt/a b/100%/$x/roamfault", Runs: `/home/"a" b/100%/runs`, After: time.Minute, Within: 15 * time.Minute}
}

// machine makes the directories of a tree.
func machine(t *testing.T, dirs ...string) Tree {
	t.Helper()
	root := t.TempDir()
	for _, dir := range dirs {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return Tree(root)
}

// files lists a tree.
func all(t *testing.T, tree Tree) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(string(tree), func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(string(tree), path)
		out = append(out, d.Type().String()+" "+name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wants is where systemd has what is started at boot.
const wants = unit.Dir + "/multi-user.target.wants"

var debian = []string{wants, "var/lib", "etc/kernel/install.d", "etc/kernel/postinst.d", "etc/kernel/postrm.d"}

func TestUnitText(t *testing.T) {
	u := someUnit()
	text, err := u.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`ExecStart="/opt/a b/100%%/$x/roamfault" "runs" "baseline" "watch" "run" "--after" "1m0s" "--within" "15m0s"`,
		`RequiresMountsFor="/home/\"a\" b/100%%/runs"`,
		"ConditionFileIsExecutable=/opt/a b/100%%/$x/roamfault",
		"ConditionKernelCommandLine=!" + SwitchOff,
		"ConditionPathExists=/var/lib/roamfault-baseline/watch.json",
		"After=local-fs.target systemd-user-sessions.service getty.target multi-user.target",
		"Restart=no", "SyslogIdentifier=roamfault", "SuccessExitStatus=1 125",
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
	if strings.Contains(text, "@") {
		t.Errorf("a place is left in\n%s", text)
	}
	for _, h := range hooks() {
		if strings.Contains(h.text(), "@MARKS@") || strings.Contains(strings.ReplaceAll(h.text(), `"$@"`, ""), "@") {
			t.Errorf("a place is left in\n%s", h.text())
		}
	}
	for name, u := range map[string]Unit{
		"a line": {Program: "/x\nExecStartPre=/bin/false", Runs: "/x"}, "a line in runs": {Program: "/x", Runs: "/x\n"}, "relative": {Program: "roamfault", Runs: "/x"}, "relative runs": {Program: "/x", Runs: "x"},
	} {
		if text, err := u.Text(); err == nil {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// systemd takes the unit as it is, and finds no circle in the order of a boot that
// wants it.
func TestUnitVerified(t *testing.T) {
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("needs systemd-analyze (package systemd)")
	}
	tree := machine(t, debian...)
	if _, err := tree.On(state(), Unit{Program: "/bin/true", Runs: "/home/a b/runs", After: time.Minute}); err != nil {
		t.Fatal(err)
	}
	link := tree.path(unit.Paths(UnitName)[0])
	if err := errors.Join(os.Remove(link), os.Symlink(tree.path(unit.Paths(UnitName)[1]), link)); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"multi-user.target", tree.path(unit.Paths(UnitName)[1])} {
		cmd := exec.CommandContext(t.Context(), program, "verify", "--man=no", what)
		cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+tree.path(unit.Dir)+":/usr/lib/systemd/system:/lib/systemd/system")
		if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "roamfault") {
			t.Errorf("%s: %v: %s", what, err, out)
		}
	}
}

// What is turned on is there, and turned off nothing of it is.
func TestOnAndOff(t *testing.T) {
	for name, tt := range map[string]struct {
		dirs []string
		want []string
	}{
		"Debian": {debian, []string{unit.Paths(UnitName)[1], "etc/kernel/install.d/95-roamfault-baseline.install", "etc/kernel/postinst.d/roamfault-baseline", "etc/kernel/postrm.d/roamfault-baseline"}},
		"Fedora": {[]string{wants, "var/lib", "etc/kernel/install.d"}, []string{unit.Paths(UnitName)[1], "etc/kernel/install.d/95-roamfault-baseline.install"}},
		"Arch":   {[]string{wants, "var/lib"}, []string{unit.Paths(UnitName)[1]}},
	} {
		t.Run(name, func(t *testing.T) {
			tree := machine(t, tt.dirs...)
			before := all(t, tree)
			var want []string
			for _, path := range tt.want {
				want = append(want, tree.path(path))
			}
			for range 2 { // again is no error
				installed, err := tree.On(state(), someUnit())
				if err != nil || !slices.Equal(installed, want) || !slices.Equal(tree.Installed(), want) {
					t.Fatalf("installed %q, then there are %q, want %q, error %v", installed, tree.Installed(), want, err)
				}
			}
			if to, err := os.Readlink(tree.path(unit.Paths(UnitName)[0])); err != nil || to != "/etc/systemd/system/roamfault-baseline.service" {
				t.Errorf("link to %q, error %v", to, err)
			}
			for i, path := range want {
				mode := fs.FileMode(0o755)
				if i == 0 {
					mode = 0o644
				}
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
					t.Errorf("file %v, error %v", info, err)
				}
			}
			got, err := tree.Load()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(state(), got); diff != "" {
				t.Errorf("(-kept +read):\n%s", diff)
			}
			if err := tree.Mark("6.19.0"); err != nil {
				t.Fatal(err)
			}
			removed, err := tree.Off()
			if err != nil || len(removed) != len(want)+2 {
				t.Errorf("removed %q, error %v", removed, err)
			}
			if diff := cmp.Diff(before, all(t, tree)); diff != "" {
				t.Errorf("it leaves traces (-before +after):\n%s", diff)
			}
			if removed, err := tree.Off(); err != nil || removed != nil {
				t.Errorf("a second time: removed %q, error %v", removed, err)
			}
			if _, err := tree.Load(); !errors.Is(err, ErrOff) {
				t.Errorf("error %v", err)
			}
			// A check that ends now brings nothing back.
			if err := tree.Keep(got); !errors.Is(err, ErrOff) {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(before, all(t, tree)); diff != "" {
				t.Errorf("it comes back (-before +after):\n%s", diff)
			}
		})
	}
}

// Where something cannot be installed, nothing is.
func TestOnFails(t *testing.T) {
	for name, spoil := range map[string]string{"a unit": unit.Paths(UnitName)[1], "the last hook": "etc/kernel/postrm.d/roamfault-baseline"} {
		t.Run(name, func(t *testing.T) {
			// A directory with something in it cannot be replaced by a file.
			tree := machine(t, append([]string{spoil + "/x"}, debian...)...)
			if _, err := tree.On(state(), someUnit()); err == nil {
				t.Fatal("no error")
			}
			if left := tree.Installed(); len(left) != 0 {
				t.Errorf("%q are left", left)
			}
			if _, err := tree.Load(); !errors.Is(err, ErrOff) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// What is said while a check is under way holds, and the check is kept with it.
func TestKeepBesideOn(t *testing.T) {
	tree := machine(t, debian...)
	on := func(change func(*State)) {
		t.Helper()
		s := state()
		change(s)
		if _, err := tree.On(s, someUnit()); err != nil {
			t.Fatal(err)
		}
	}
	on(func(*State) {})
	under, err := tree.Load()
	if err != nil {
		t.Fatal(err)
	}
	on(func(s *State) { s.Watch.Plan.Cycles = 7 })
	under.Checks = []Check{{Runs: []string{"r"}, Tries: 1, Verdict: "no-change"}}
	if err := tree.Keep(under); err != nil {
		t.Fatal(err)
	}
	if got, err := tree.Load(); err != nil || got.Watch.Plan.Cycles != 7 || under.Watch.Plan.Cycles != 7 || len(got.Checks) != 1 {
		t.Errorf("%+v, error %v", got, err)
	}
	again := &State{Watch: under.Watch}
	if err := tree.Again(again); err != nil || len(again.Checks) != 1 {
		t.Errorf("read again: %+v, error %v", again, err)
	}
	on(func(s *State) { s.Watch.Driver = "ath12k_wifi7" })
	for name, err := range map[string]error{"kept": tree.Keep(under), "read again": tree.Again(again)} {
		if !errors.Is(err, errOther) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if got, err := tree.Load(); err != nil || len(got.Checks) != 0 {
		t.Errorf("%+v, error %v", got, err)
	}
}

func TestMarks(t *testing.T) {
	tree := machine(t, stateDir+"/"+marksName)
	for _, version := range []string{"6.19.0", "6.18.2-1-amd64"} {
		if err := tree.Mark(version); err != nil {
			t.Fatal(err)
		}
	}
	for _, hostile := range []string{"", ".", "..", "../../x", "a/b", "a\nb", "a b", "-rf", strings.Repeat("6", 65)} {
		if err := tree.Mark(hostile); err == nil {
			t.Errorf("%q was noted", hostile)
		}
		if err := tree.Unmark(hostile); err != nil || tree.Marked(hostile) {
			t.Errorf("%q: error %v", hostile, err)
		}
	}
	if got := tree.Marks(); !slices.Equal(got, []string{"6.18.2-1-amd64", "6.19.0"}) {
		t.Errorf("%q", got)
	}
	if err := tree.Unmark("6.19.0"); err != nil || tree.Marked("6.19.0") || !tree.Marked("6.18.2-1-amd64") {
		t.Errorf("error %v, left %q", err, tree.Marks())
	}
}

func TestSwitchedOff(t *testing.T) {
	for line, want := range map[string]bool{
		"": false, "quiet roamfault.nobaseline splash\n": true, "roamfault.nobaseline=1": true, "roamfault.nobaselines x=roamfault.nobaseline": false, "roamfault.noresume": false,
	} {
		tree := machine(t, "proc")
		if err := os.WriteFile(tree.path("proc/cmdline"), []byte(line), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := tree.SwitchedOff(); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
	if machine(t).SwitchedOff() {
		t.Error("without /proc")
	}
}

// What is no state of a watch is refused with a word about what to do.
func TestForeignState(t *testing.T) {
	tree := machine(t, debian...)
	if _, err := tree.On(state(), someUnit()); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty": "", "torn": `{"version":1,"watch":{`, "later": `{"version":2}`, "bare": `{"version":1}`, "huge": strings.Repeat(" ", mostState+1),
		"checks":   `{"version":1,"watch":{"machine":"m","runs":"/r","plan":{"cycles":1}},"checks":[{}]}`,
		"a plan":   `{"version":1,"watch":{"machine":"m","runs":"/r","plan":{"cycles":-1}}}`,
		"relative": `{"version":1,"watch":{"machine":"m","runs":"r","plan":{"cycles":1}}}`,
	} {
		if err := os.WriteFile(tree.path(stateDir+"/"+stateName), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := tree.Load(); err == nil || errors.Is(err, ErrOff) || !strings.Contains(err.Error(), "watch off removes it") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// Whatever stands in the file, it is refused, or can be decided on and kept.
func FuzzState(f *testing.F) {
	for _, seed := range []string{
		`{"version":1,"watch":{"machine":"m","runs":"/r","plan":{"cycles":1}},"checks":[{"made":{"kernel":"6.19"},"runs":["a"],"tries":1,"boot":"b"}]}`,
		`{"version":1,"watch":{"machine":"m","runs":"/r","plan":{"cycles":1}},"checks":[{"made":{"kernel":"6.19"},"runs":["a"],"tries":2,"verdict":"regression"}],"put_off":{"why":"x"}}`,
		`{"version":1,"checks":null}`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := read(strings.NewReader(string(data)))
		if err != nil {
			return
		}
		b := newBoots()
		now := b.boot(on("7.0"))
		now.Machine = s.Watch.Machine
		for range 8 {
			switch step := s.Next(now); step.Do {
			case Nothing:
				return
			case Conclude:
				s.Pending().Verdict = "regression"
			default:
				tries := s.Take(step, now, "r", 1, time.Time{}).Tries
				if tries > MostTries {
					t.Fatalf("try %d", tries)
				}
			}
			if err := s.check(); err != nil {
				t.Fatal(err)
			}
		}
		t.Fatal("it has no end")
	})
}
