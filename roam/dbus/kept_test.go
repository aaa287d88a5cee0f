package dbus

import (
	"context"
	"errors"
	"slices"
	"testing"

	godbus "github.com/godbus/dbus/v5"
)

// What is changed in a supplicant is written down before, and undone from there by
// whoever has it; of another supplicant or network nothing is.
func TestKept(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	f := newFake(t, address, 3)
	f.set(fakeNetwork, ifaceNetwork, networkProperties(`"net"`, "02:00:00:00:00:02", false))
	var kept []Kept
	s, err := New(t.Context(), Config{Address: address, Interface: fakeIface, Boot: "boot", Keep: func(_ context.Context, k Kept) error {
		kept = append(kept, k)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // the supplicant may be gone
	if err := s.Connect(t.Context(), to(1)); err != nil {
		t.Fatal(err)
	}
	undo := func() []string {
		f.was()
		for _, k := range slices.Backward(kept) {
			if err := Undo(t.Context(), k); err != nil {
				t.Error(err)
			}
		}
		return f.was()
	}
	want := []string{"Set Enabled true", "Set Enabled false", `Set Properties map[bssid:"02:00:00:00:00:02"]`}
	if got := undo(); !slices.Equal(sorted(got), sorted(want)) {
		t.Errorf("undone by %q, want %q", got, want)
	}
	f.set(fakePath, ifaceInterface, properties{"CurrentNetwork": godbus.MakeVariant(fakeNetwork)})
	if got := undo(); slices.Contains(got, "Set Enabled false") {
		t.Errorf("the network in use is disabled: %q", got)
	}
	f.set(fakePath, ifaceInterface, properties{"Networks": godbus.MakeVariant([]godbus.ObjectPath{})})
	if got := undo(); len(got) != 0 {
		t.Errorf("networks that are gone: %q", got)
	}
	f.leave()
	newFake(t, address, 0)
	for _, k := range kept {
		if err := Undo(t.Context(), k); err != nil {
			t.Errorf("another supplicant: %v", err)
		}
	}
	good := kept[0]
	for setting, before := range map[string]string{settingBSSID: "x", settingEnabled: "maybe", "psk": "any"} {
		wrong := Kept{Args: map[string]string{argAddress: address, argOwner: good.Args[argOwner], argNetwork: good.Args[argNetwork], argSetting: setting}, Before: before}
		if err := Undo(t.Context(), wrong); err == nil {
			t.Errorf("%+v was undone", wrong)
		}
	}
}

// A change that cannot be written down is not made.
func TestNotKept(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	f := newFake(t, address, 2)
	f.set(fakeNetwork, ifaceNetwork, networkProperties(`"net"`, "02:00:00:00:00:02", false))
	full := errors.New("the disk is full")
	s, err := New(t.Context(), Config{Address: address, Interface: fakeIface, Keep: func(context.Context, Kept) error { return full }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Connect(t.Context(), to(1)); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	if asked := f.was(); slices.ContainsFunc(asked, func(a string) bool { return a != "Disconnect" }) {
		t.Errorf("asked for %q", asked)
	}
	f.leave()
	if err := Undo(t.Context(), Kept{
		Args: map[string]string{argAddress: address, argOwner: ":1.1", argNetwork: string(fakeNetwork), argSetting: settingBSSID}, Before: anyBSSID,
	}); err != nil {
		t.Errorf("without a supplicant: %v", err)
	}
}

// What could not be undone is not written down: it would stay there for good.
func TestKeptCanBeUndone(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	f := newFake(t, address, 3)
	f.set(fakeNetwork, ifaceNetwork, networkProperties(`"net"`, "somewhere", false))
	kept := 0
	s, err := New(t.Context(), Config{Address: address, Interface: fakeIface, Keep: func(ctx context.Context, k Kept) error {
		kept++
		return Undo(ctx, k)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Connect(t.Context(), to(1)); err != nil || kept == 0 {
		t.Errorf("%d kept, error %v", kept, err)
	}
}
