package ctrl

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// What is changed in a daemon is written down before, and undone from there by
// whoever has it; of another daemon or network nothing is.
func TestKept(t *testing.T) {
	path := place(t)
	f := start(t, path, usually(map[string]string{"SET_NETWORK ": "OK\n", "ENABLE_NETWORK ": "OK\n", "DISABLE_NETWORK ": "OK\n", "SELECT_NETWORK ": "OK\n", "DISCONNECT": "OK\n"}))
	var kept []Kept
	s := begin(t, path, Options{Keep: func(_ context.Context, k Kept) error {
		kept = append(kept, k)
		return nil
	}})
	if err := s.Connect(t.Context(), target()); err != nil {
		t.Fatal(err)
	}
	want := []string{`DISABLE_NETWORK 1`, `ENABLE_NETWORK 0 no-connect`, `SET_NETWORK 1 bssid any`, `SET_NETWORK 1 bgscan "simple:30:-45:300"`}
	undo := func() (asked []string) {
		for _, k := range slices.Backward(kept) {
			f.requests()
			if err := Undo(t.Context(), k); err != nil {
				t.Error(err)
			}
			for _, r := range f.requests() {
				if !strings.HasPrefix(r, "LIST_NETWORKS") {
					asked = append(asked, r)
				}
			}
		}
		return asked
	}
	if got := undo(); !slices.Equal(got, want) {
		t.Errorf("undone by %q, want %q", got, want)
	}
	f.answering(usually(map[string]string{"LIST_NETWORKS LAST_ID=-1": "network id / ssid / bssid / flags\n1\tanother\tany\t\n"}))
	if got := undo(); got != nil {
		t.Errorf("another network: %q", got)
	}
	if err := os.Chtimes(path, time.Time{}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	f.answering(usually(nil))
	if got := undo(); got != nil {
		t.Errorf("another daemon: %q", got)
	}
	for _, wrong := range []Kept{
		{Args: map[string]string{argSetting: "psk", argNetwork: "1"}, Before: "any"},
		{Args: map[string]string{argSetting: settingBSSID, argNetwork: "-1"}, Before: "any"},
		{Args: map[string]string{argSetting: settingBgscan, argNetwork: "1"}, Before: "\"\"\nTERMINATE"},
	} {
		if err := Undo(t.Context(), wrong); err == nil {
			t.Errorf("%+v was undone", wrong)
		}
	}
}

// A change that cannot be written down is not made.
func TestNotKept(t *testing.T) {
	path := place(t)
	f := start(t, path, usually(nil))
	full := errors.New("the disk is full")
	s := begin(t, path, Options{Keep: func(context.Context, Kept) error { return full }})
	if err := s.Connect(t.Context(), target()); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	for _, r := range f.requests() {
		if strings.HasPrefix(r, "SET_NETWORK") || strings.HasPrefix(r, "SELECT_NETWORK") {
			t.Errorf("asked %q", r)
		}
	}
}
