package newkernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shells are those that a hook may be run by.
func shells(t *testing.T) []string {
	t.Helper()
	var out, known []string
	for _, name := range []string{"/bin/sh", "dash", "bash", "ksh"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if real, err := filepath.EvalSymlinks(path); err == nil && !slices.Contains(known, real) {
			out, known = append(out, path), append(known, real) // busybox goes by its name
		}
	}
	if len(out) == 0 {
		t.Skip("needs a shell")
	}
	return out
}

// written writes a hook that marks in a directory of the test.
func written(t *testing.T, h hook, marks string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), h.name)
	text := strings.Replace(h.text(), "marks=/"+stateDir+"/"+marksName+"\n", "marks='"+marks+"'\n", 1)
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// Hooks are called as kernel-install(8) and Debian's run-parts do, and with what
// nobody should. They always succeed, and nothing but a mark is made.
func TestHooks(t *testing.T) {
	long := strings.Repeat("6", 65)
	for _, shell := range shells(t) {
		for _, h := range hooks() {
			path := written(t, h, "")
			if out, err := exec.CommandContext(t.Context(), shell, "-n", path).CombinedOutput(); err != nil {
				t.Fatalf("%s -n %s: %v: %s", shell, h.dir, err, out)
			}
			args := func(command, version string, more ...string) []string {
				if h.command == "$1" {
					return append([]string{command, version}, more...)
				}
				return append([]string{version}, more...)
			}
			command := h.command
			if command == "$1" {
				command = "add"
			}
			was := []string{"6.18.2-1-amd64", "6.19.0"}
			with, without := []string{"6.18.2-1-amd64", "6.19.0", "7.0.0-rc1+"}, []string{"6.18.2-1-amd64"}
			changed := map[string][]string{"add": with, "remove": was}[command]
			type call struct {
				args []string
				want []string
			}
			calls := map[string]call{
				"a version and its image": {args(command, "7.0.0-rc1+", "/boot/vmlinuz-7.0.0-rc1+"), changed},
				"a version alone":         {args(command, "7.0.0-rc1+"), changed},
				"as kernel-install does":  {args(command, "7.0.0-rc1+", "/efi/0123/7.0.0-rc1+", "/lib/modules/7.0.0-rc1+/vmlinuz", "/tmp/initrd"), changed},
				"one that is there":       {args(command, "6.19.0"), map[string][]string{"add": was, "remove": without}[command]},
				"nothing":                 {nil, was},
				"no version":              {args(command, ""), was},
				"the parent":              {args(command, ".."), was},
				"a path":                  {args(command, "../../etc/passwd"), was},
				"an absolute path":        {args(command, "/etc/passwd"), was},
				"a line":                  {args(command, "6.20\n6.19.0"), was},
				"a space":                 {args(command, "6.20 6.19.0"), was},
				"an option":               {args(command, "-rf"), was},
				"a pattern":               {args(command, "*"), was},
				"a command":               {args(command, "$(touch 6.20)"), was},
				"a letter of elsewhere":   {args(command, "6.20é"), was},
				"too long":                {args(command, long), was},
			}
			if h.command == "$1" {
				calls["removed"] = call{args("remove", "6.19.0", "/efi/0123/6.19.0"), without}
				calls["another command"] = call{args("inspect", "6.19.0"), was}
			}
			for name, tt := range calls {
				marks := filepath.Join(t.TempDir(), "a b", "new")
				if err := os.MkdirAll(marks, 0o755); err != nil {
					t.Fatal(err)
				}
				for _, version := range was {
					if err := os.WriteFile(filepath.Join(marks, version), nil, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				var out, said bytes.Buffer
				cmd := exec.CommandContext(t.Context(), shell, append([]string{written(t, h, marks)}, tt.args...)...)
				cmd.Dir, cmd.Stdout, cmd.Stderr = filepath.Dir(marks), &out, &said
				if err := cmd.Run(); err != nil || out.Len() > 0 {
					t.Errorf("%s, %s, %s: %v, prints %q", shell, h.dir, name, err, &out)
				}
				if left := names(t, marks); !slices.Equal(left, tt.want) {
					t.Errorf("%s, %s, %s: left %q, want %q", shell, h.dir, name, left, tt.want)
				}
				if told := strings.Contains(said.String(), "will be held against"); told != slices.Contains(tt.want, "7.0.0-rc1+") {
					t.Errorf("%s, %s, %s: said %q", shell, h.dir, name, &said)
				}
				if around := names(t, filepath.Dir(marks)); len(around) != 1 {
					t.Errorf("%s, %s, %s: made %q", shell, h.dir, name, around)
				}
			}
		}
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

// A kernel is installed where marks cannot be made, and where nobody listens.
func TestHooksDoNotFail(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	marks := t.TempDir()
	for _, shell := range shells(t) {
		for _, h := range hooks() {
			for name, how := range map[string]struct{ marks, around string }{
				"no directory":        {filepath.Join(marks, "nowhere"), `"$@"`},
				"a file in its stead": {file, `"$@"`},
				"nothing to touch":    {marks, `PATH=/nowhere; "$@"`},
				"closed outputs":      {marks, `"$@" >&- 2>&-`},
				"all is closed":       {marks, `"$@" <&- >&- 2>&-`},
				"a pipe that ended":   {marks, `("$@"; echo $? >&3) 3>` + filepath.Join(marks, "code") + ` 2>&1 >/dev/null | true; exit "$(cat ` + filepath.Join(marks, "code") + `)"`},
			} {
				path := written(t, h, how.marks)
				cmd := exec.CommandContext(t.Context(), shell, "-c", how.around, "sh", path, "add", "6.19.0")
				if h.command != "$1" {
					cmd.Args = append(cmd.Args[:len(cmd.Args)-2], "6.19.0")
				}
				if err := cmd.Run(); err != nil {
					t.Errorf("%s, %s, %s: %v", shell, h.dir, name, err)
				}
			}
		}
	}
}

// The marks of hooks are those that are read.
func TestHookMarks(t *testing.T) {
	root := t.TempDir()
	tree := Tree(root)
	marks := filepath.Join(root, stateDir, marksName)
	if err := os.MkdirAll(marks, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, h := range hooks()[:2] {
		version := "6.20.0~rc1+" + strings.Trim(h.dir[len("etc/kernel/"):], ".")
		args := []string{written(t, h, marks), version}
		if h.command == "$1" {
			args = []string{args[0], "add", version}
		}
		if out, err := exec.CommandContext(t.Context(), shells(t)[0], args...).CombinedOutput(); err != nil || !tree.Marked(version) {
			t.Fatalf("%v: %s", err, out)
		}
		if err := tree.Unmark(version); err != nil || tree.Marked(version) {
			t.Fatal(err)
		}
	}
}
