package stress

import (
	"context"
	"strings"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/roam/lab/labtest"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
)

// silent is a log that has nothing.
type silent struct{}

func (silent) Read(ctx context.Context, _ func(*journal.Record) error) (journal.Stats, error) {
	<-ctx.Done()
	return journal.Stats{}, ctx.Err()
}

// environments are those that were kept.
func environments(entries []runlog.Entry) []runlog.Environment {
	var out []runlog.Environment
	for _, e := range entries {
		if env, ok := e.(*runlog.EnvironmentEntry); ok {
			out = append(out, env.Environment)
		}
	}
	return out
}

// A run says what it can tell of incidents; one that does not get its own marks back
// says in the end that it did not have the kernel's log.
func TestToldInLab(t *testing.T) {
	l := labtest.Start(t, needs(manager.ViaControl))
	sources := func(env runlog.Environment) string {
		s, _ := env.Get(runlog.KeySources)
		return s
	}
	d := prepare(t, l, manager.ViaControl, runlog.Plan{Cycles: 5, Dwell: runlog.Range{Min: 3 * time.Second, Max: 3 * time.Second}})
	d.system.KernelOnly = true
	envs := environments(d.drive(t.Context()))
	if len(envs) != 1 || sources(envs[0]) != "kernel, supplicant" || len(envs[0].Classes()) < 40 {
		t.Errorf("%d environments, %+v", len(envs), envs)
	}
	d.kept = &memory{}
	d.system.Log = func() (journal.Source, error) { return silent{}, nil }
	envs = environments(d.drive(t.Context()))
	if len(envs) != 2 || sources(envs[0]) != "kernel, supplicant" || sources(envs[1]) != "supplicant" || strings.Contains(strings.Join(envs[1].Classes(), " "), "mcu-timeout") {
		t.Errorf("%d environments, %+v", len(envs), envs)
	}
	if a, _ := envs[0].Get(runlog.KeyKernel); a == "" {
		t.Error("no kernel")
	} else if b, _ := envs[1].Get(runlog.KeyKernel); a != b {
		t.Errorf("kernel %q, then %q", a, b)
	}
}
