package runlog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLibrary(t *testing.T) {
	plans, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	kinds, faults := make(map[Kind]bool), make(map[Injector]bool)
	for i, p := range plans {
		if p.Name != Names()[i] {
			t.Errorf("%s has the name %s", Names()[i], p.Name)
		}
		if len(p.About) < 80 || !strings.HasSuffix(p.About, ".") {
			t.Errorf("%s: %q does not say what it provokes", p.Name, p.About)
		}
		for _, k := range p.Kinds {
			kinds[k.Kind] = true
		}
		for _, f := range p.Inject {
			faults[f.Fault] = true
		}
		text, err := p.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParsePlan(p.Name, text)
		if err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Errorf("%s (-first +again):\n%s", p.Name, diff)
		}
	}
	for _, k := range Kinds() {
		if !kinds[k.Kind] {
			t.Errorf("no plan has cycles of kind %s", k.Kind)
		}
	}
	for _, f := range Injectors() {
		if !faults[f] {
			t.Errorf("no plan injects %s", f)
		}
	}
}

// Each seed has a recipe that provokes the same, and what the recipe rests on.
func TestRecipes(t *testing.T) {
	tests := []struct {
		plan  string
		check func(p *Plan) bool
	}{
		{"mlo-ping-pong", func(p *Plan) bool { return p.Order == PingPong && p.Link == EachLink }},
		{"mlo-roam-collapse", func(p *Plan) bool { return len(p.Inject) == 2 && p.Stop.Fatal }},
		{"group-key-noise", func(p *Plan) bool { return p.Inject[0] == Injection{GroupKeyNoLink, 1} }},
		{"recovery-tiers", func(p *Plan) bool { return p.Inject[1].Fault == ForceMMIODead && p.Settle > 0 }},
		{"client-churn", func(p *Plan) bool { return p.Kinds[0].Kind == DisconnectConnect }},
		{"tx-stall", func(p *Plan) bool { return p.Probe.Load != "" }},
		{"bring-up", func(p *Plan) bool { return p.Kinds[0].Kind == DriverUnbind }},
		{"stale-bss", func(p *Plan) bool { return p.Dwell.Min.Seconds() > 40 }},
	}
	for _, tt := range tests {
		p, err := Named(tt.plan)
		if err != nil {
			t.Error(err)
		} else if !tt.check(&p) {
			t.Errorf("%s: %+v", tt.plan, p)
		}
	}
	const want = `there is no plan "marathn" in the library (did you mean marathon?)`
	if _, err := Named("marathn"); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	for _, name := range []string{"", "../planfile", "a/b", "\x00"} {
		if _, err := Named(name); err == nil {
			t.Errorf("there is a plan %q", name)
		}
	}
}
