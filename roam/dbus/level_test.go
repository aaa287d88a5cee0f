package dbus

import (
	"errors"
	"testing"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/roam"
)

func TestLevel(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	if _, _, err := Level(t.Context(), address); !errors.Is(err, roam.ErrGone) {
		t.Errorf("without a supplicant: error %v", err)
	}
	f := newFake(t, address, 0)
	f.mu.Lock()
	f.objects[rootPath] = map[string]properties{service: {levelName: godbus.MakeVariant("info")}}
	f.mu.Unlock()
	before, owner, err := Level(t.Context(), address)
	if err != nil || before != "info" {
		t.Fatalf("level %q, error %v", before, err)
	}
	if err := SetLevel(t.Context(), address, owner, LevelDebug); err != nil {
		t.Fatal(err)
	}
	if got, _, err := Level(t.Context(), address); err != nil || got != LevelDebug {
		t.Errorf("level %q, error %v", got, err)
	}
	if err := SetLevel(t.Context(), address, owner, "loud"); err == nil {
		t.Error("a level that there is none of was taken")
	}
	if err := SetLevel(t.Context(), address, ":1.4242", "info"); !errors.Is(err, roam.ErrGone) {
		t.Errorf("of another supplicant: error %v", err)
	}
	if got, _, err := Level(t.Context(), address); err != nil || got != LevelDebug {
		t.Errorf("another supplicant's level was set: %q, error %v", got, err)
	}
}
