package ctrl

import (
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

func TestLevel(t *testing.T) {
	var level atomic.Value
	level.Store("INFO")
	f := start(t, filepath.Join(t.TempDir(), "wlan0"), func(request string) []string {
		switch name, value, _ := strings.Cut(request, " "); {
		case name != "LOG_LEVEL":
			return []string{"UNKNOWN COMMAND\n"}
		case value != "":
			level.Store(value)
			return []string{"OK\n"}
		}
		return []string{"Current level: " + level.Load().(string) + "\nTimestamp: 0\n"}
	})
	c, err := Dial(t.Context(), f.path, Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetLevel(t.Context(), LevelDebug); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Level(t.Context()); err != nil || got != LevelDebug {
		t.Errorf("level %q, error %v", got, err)
	}
	if err := c.SetLevel(t.Context(), "LOUD"); err == nil || level.Load() != LevelDebug {
		t.Errorf("error %v, level %q", err, level.Load())
	}
	level.Store("NONSENSE")
	var refusal *Refusal
	if got, err := c.Level(t.Context()); !errors.As(err, &refusal) {
		t.Errorf("level %q, error %v", got, err)
	}
}
