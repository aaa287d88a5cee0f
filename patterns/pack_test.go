package patterns

import (
	"strings"
	"testing"
)

func TestSamples(t *testing.T) {
	packs, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	r := Check(packs)
	for _, f := range r.Failures {
		t.Error(f)
	}
	t.Logf("%d packs, %d patterns, %d samples, %d never", r.Packs, r.Patterns, r.Samples, r.Never)
}

func TestBuiltinIsCurrent(t *testing.T) {
	packs, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var want []Pattern
	for _, p := range packs {
		for _, q := range p.Patterns {
			want = append(want, q.Pattern)
		}
	}
	if diff := cmpPatterns(want, builtin[:]); diff != "" {
		t.Errorf("builtin.go is not what the packs say; run go generate ./patterns: %s", diff)
	}
}

func cmpPatterns(want, got []Pattern) string {
	if len(want) != len(got) {
		return "number of patterns differs"
	}
	for i := range want {
		a, b := want[i], got[i]
		if a.ID != b.ID || a.Class != b.Class || a.Role != b.Role || a.Meaning != b.Meaning || a.Advice != b.Advice || len(a.Forms) != len(b.Forms) {
			return a.ID
		}
		for j := range a.Forms {
			if a.Forms[j] != b.Forms[j] {
				return a.ID
			}
		}
	}
	return ""
}

const goodPack = `
pack: own
patterns:
  - id: gone
    class: mcu-timeout
    forms:
      - literal: "is gone for good"
        match: 'Command (?P<cmd>{hex}) is gone for good'
    samples:
      - text: "mt7925e 0000:01:00.0: Command 0x12 is gone for good"
        fields: {cmd: "0x12"}
`

func TestReadPackErrors(t *testing.T) {
	if _, err := ReadPack("own.yaml", strings.NewReader(goodPack)); err != nil {
		t.Fatalf("the good pack: %v", err)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"misspelt class", "class: mcu-timeout", "class: mcu-timout", `own.yaml:5: unknown class "mcu-timout" (did you mean "mcu-timeout"?)`},
		{"misspelt key", "    class:", "    clas:", "own.yaml:5:"},
		{"misspelt level", "    class: mcu-timeout", "    class: mcu-timeout\n    severity: eror", `own.yaml:6: unknown severity "eror"`},
		{"role and class", "    class: mcu-timeout", "    class: mcu-timeout\n    role: noise", "own.yaml:6: own.gone: has a class and a role"},
		{"unknown role", "class: mcu-timeout", "role: noize", `own.yaml:5: own.gone: unknown role "noize" (did you mean "noise"?)`},
		{"unknown field", "(?P<cmd>", "(?P<cmnd>", `unknown field "cmnd" (did you mean "cmd"?)`},
		{"short literal", `"is gone for good"`, `"gone"`, "own.yaml:7: own.gone: literal \"gone\" is shorter than 7 bytes"},
		{"no literal", `      - literal: "is gone for good"` + "\n        match", "      - match", "shorter than 7 bytes"},
		{"bad expression", "{hex})", "{hex}", "own.yaml:8: own.gone: match: error parsing regexp"},
		{"unknown phase", "    class: mcu-timeout", "    class: mcu-timeout\n    phase: rome", `own.yaml:6: unknown phase "rome"`},
		{"no samples", goodPack[strings.Index(goodPack, "    samples:"):], "", "own.yaml:4: own.gone: no samples"},
		{"twice", "", "", ""},
		{"not yaml", "pack: own", "pack: [own", "own.yaml:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(goodPack, tt.old, tt.new, 1)
			if tt.name == "twice" {
				body := goodPack[strings.Index(goodPack, "  - id"):]
				text, tt.want = goodPack+body, "pattern own.gone stands at line 4 already"
			}
			_, err := ReadPack("own.yaml", strings.NewReader(text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func FuzzReadPack(f *testing.F) {
	f.Add(goodPack)
	f.Add("pack: x\npatterns: []\n")
	f.Add("pack: x\npatterns:\n  - id: a\n    role: noise\n    forms: [{literal: 1234567}]\n    samples: [{text: 1234567}, 'abc']\n")
	f.Fuzz(func(t *testing.T, text string) {
		pack, err := ReadPack("fuzz.yaml", strings.NewReader(text))
		if err != nil {
			return
		}
		Check([]*Pack{pack}) // whatever is accepted can be used
	})
}
