package unit

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCommand(t *testing.T) {
	got, err := Command("/opt/a b/$x/100%/p", "run", `say "hello"`, "$HOME", `back\slash`, "50%")
	want := `"/opt/a b/$x/100%%/p" "run" "say \"hello\"" "$$HOME" "back\\slash" "50%%"`
	if err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	for _, bad := range []string{"a\nExecStartPre=/bin/false", "\x7f", "tab\t", "no UTF-8: \xff"} {
		if got, err := Command("/p", bad); err == nil {
			t.Errorf("%q is taken: %s", bad, got)
		}
	}
}

func TestEnableAndRemove(t *testing.T) {
	root := t.TempDir()
	const name = "x.service"
	if err := Remove(root, name); err != nil {
		t.Errorf("what is not there: %v", err)
	}
	link := filepath.Join(root, Paths(name)[0])
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/null", link); err != nil { // it would start nothing
		t.Fatal(err)
	}
	for _, text := range []string{"first\n", "second\n"} { // it may be there already
		if err := Enable(root, name, text); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(root, Dir, name)); err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	if to, err := os.Readlink(link); err != nil || to != "/etc/systemd/system/x.service" {
		t.Errorf("the link leads to %s, %v", to, err)
	}
	if err := Remove(root, name); err != nil {
		t.Fatal(err)
	}
	for _, path := range Paths(name) {
		if _, err := os.Lstat(filepath.Join(root, path)); !os.IsNotExist(err) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
