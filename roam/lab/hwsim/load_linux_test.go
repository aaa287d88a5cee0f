package hwsim

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"testing"
)

func TestLoad(t *testing.T) {
	there, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	if there {
		if err := Load(t.Context()); err != nil {
			t.Errorf("the driver is there, error %v", err)
		}
		return
	}
	if os.Geteuid() != 0 {
		if err := Load(t.Context()); !errors.Is(err, ErrPermission) {
			t.Errorf("error %v, want %v", err, ErrPermission)
		}
		return
	}
	failed := exec.Command("false").Run()
	tests := []struct {
		name string
		said string
		err  error
		want error
	}{
		{name: "loaded"},
		{name: "not there", said: "modprobe: FATAL: Module mac80211_hwsim not found in directory /lib/modules/6.12.0", err: failed, want: ErrModuleFile},
		{name: "no modprobe", err: &fs.PathError{Op: "fork/exec", Path: "/sbin/modprobe", Err: fs.ErrNotExist}, want: ErrModuleFile},
		{name: "in a container", said: "modprobe: ERROR: could not insert 'mac80211_hwsim': Operation not permitted", err: failed, want: ErrPermission},
		{name: "something else", said: "modprobe: ERROR: Exec format error", err: failed, want: failed},
		{name: "silent", err: failed, want: failed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := load(t.Context(), func(_ context.Context, args ...string) (string, error) {
				if want := []string{"mac80211_hwsim", "radios=0"}; !slices.Equal(args, want) {
					t.Errorf("modprobe %q, want %q", args, want)
				}
				return tt.said, tt.err
			})
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}
