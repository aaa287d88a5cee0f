package ctrl

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestLevel(t *testing.T) {
	level := "INFO"
	f := start(t, filepath.Join(t.TempDir(), "wlan0"), func(request string) []string {
		switch name, value, _ := strings.Cut(request, " "); {
		case name != "LOG_LEVEL":
			return []string{"UNKNOWN COMMAND\n"}
		case value != "":
			level = value
			return []string{"OK\n"}
		}
		return []string{"Current level: " + level + "\nTimestamp: 0\n"}
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
	if err := c.SetLevel(t.Context(), "LOUD"); err == nil || level != LevelDebug {
		t.Errorf("error %v, level %q", err, level)
	}
	level = "NONSENSE"
	var refusal *Refusal
	if got, err := c.Level(t.Context()); !errors.As(err, &refusal) {
		t.Errorf("level %q, error %v", got, err)
	}
}
