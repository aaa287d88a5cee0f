package hwsim

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func newNamespace(t *testing.T) *Namespace {
	t.Helper()
	n, err := NewNamespace()
	if errors.Is(err, ErrPermission) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// The namespace has its own interfaces; the test's thread keeps its own.
func TestNamespace(t *testing.T) {
	outside, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	n := newNamespace(t)
	var inside, child string
	var names []string
	err = n.Do(func() error {
		var err error
		if inside, err = os.Readlink("/proc/thread-self/ns/net"); err != nil {
			return err
		}
		list, err := net.Interfaces()
		for _, i := range list {
			names = append(names, i.Name)
		}
		if err != nil {
			return err
		}
		out, err := exec.Command("readlink", "/proc/self/ns/net").Output()
		child = strings.TrimSpace(string(out))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if inside == outside || child != inside {
		t.Errorf("outside %s, inside %s, of a child %s", outside, inside, child)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "eth") || strings.HasPrefix(name, "wlan") {
			t.Errorf("interface %s is in a new namespace", name)
		}
	}
	if path, err := os.Readlink(n.Path()); err != nil || path != inside {
		t.Errorf("%s leads to %s, want %s; error %v", n.Path(), path, inside, err)
	}
	want := errors.New("what f says")
	if err := n.Do(func() error { return want }); err != want {
		t.Errorf("error %v, want %v", err, want)
	}
	if again, err := os.Readlink("/proc/thread-self/ns/net"); err != nil || again != outside {
		t.Errorf("the test is in %s now, error %v", again, err)
	}
}

func TestClosedNamespace(t *testing.T) {
	n := newNamespace(t)
	for range 2 {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := n.Do(func() error { t.Error("it is called"); return nil }); err == nil {
		t.Error("a closed namespace is entered")
	}
}

func TestNoNamespace(t *testing.T) {
	var n *Namespace
	called := false
	if err := n.Do(func() error { called = true; return nil }); err != nil || !called {
		t.Errorf("called: %v, error %v", called, err)
	}
}
