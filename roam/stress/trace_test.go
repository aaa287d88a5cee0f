package stress

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	"roamfault/roam/ctrl"
	"roamfault/roam/machine"
)

// The level of a supplicant that was started anew is its own.
func TestQuietenAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wlan0")
	another, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer another.Close()
	undo := quieten()[controlLevel]
	c := machine.Change{Kind: controlLevel, Args: map[string]string{"socket": path, "since": "1", "interface": "wlan0"}, Before: "INFO"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := undo(ctx, c); err != nil {
		t.Errorf("another supplicant: %v", err)
	}
	since, err := ctrl.Since(path)
	if err != nil {
		t.Fatal(err)
	}
	c.Args["since"] = since
	if err := undo(ctx, c); err == nil {
		t.Error("the same supplicant did not answer, and its level counts as set back")
	}
	c.Args["socket"] = path + "x"
	if err := undo(ctx, c); err != nil {
		t.Errorf("none: %v", err)
	}
}
