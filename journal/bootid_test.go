package journal

import (
	"regexp"
	"runtime"
	"testing"
)

func TestBootID(t *testing.T) {
	got, err := BootID()
	if runtime.GOOS != "linux" {
		if err == nil || got != "" {
			t.Errorf("%q, error %v: only Linux has boot ids", got, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(got) {
		t.Errorf("%q is not as the journal writes it", got)
	}
}
