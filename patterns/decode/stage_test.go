package decode

import "testing"

func TestStagesComplete(t *testing.T) {
	seen := map[string]Stage{}
	for s := StageNone; s <= StageStateMachine; s++ {
		name := s.Name()
		if name == "" || s.Meaning() == "" || s.String() != name {
			t.Errorf("stage %d: name %q, meaning %q", int(s), name, s.Meaning())
		}
		if at, dup := seen[name]; dup {
			t.Errorf("stages %d and %d share the name %s", int(at), int(s), name)
		}
		seen[name] = s
		if got, ok := ParseStage(name); !ok || got != s {
			t.Errorf("ParseStage(%q) = %d, %v", name, int(got), ok)
		}
	}
	if len(stages) != int(StageStateMachine)+1 {
		t.Errorf("%d stages have words", len(stages))
	}
	for _, s := range []Stage{-1, StageStateMachine + 1} {
		if s.Name() == "" || s.Meaning() == "" {
			t.Errorf("stage %d has no words", int(s))
		}
	}
	if _, ok := ParseStage("nothing of the kind"); ok {
		t.Error("an unknown name is accepted")
	}
}

func TestLadders(t *testing.T) {
	used := map[Stage]bool{}
	for _, l := range Ladders() {
		if l.Meaning == "" {
			t.Errorf("ladder %s has no words", l.Name)
		}
		if got, ok := LadderNamed(l.Name); !ok || len(got.Stages) != len(l.Stages) {
			t.Errorf("ladder %s is not found by its name", l.Name)
		}
		here := map[Stage]bool{}
		for i, s := range l.Stages {
			if here[s] || s == StageNone {
				t.Errorf("ladder %s: stage %v stands twice or is none", l.Name, s)
			}
			here[s], used[s] = true, true
			if rung, ok := l.Rung(s); !ok || rung != i+1 {
				t.Errorf("ladder %s: %v is rung %d, want %d", l.Name, s, rung, i+1)
			}
		}
	}
	for s := StageNone + 1; s <= StageStateMachine; s++ {
		if !used[s] {
			t.Errorf("no ladder has %v", s)
		}
	}
	if _, ok := LadderNamed("windows"); ok {
		t.Error("an unknown ladder is found")
	}
}

func TestLadderNext(t *testing.T) {
	mt7927, _ := LadderNamed("mt7927")
	mt76, _ := LadderNamed("mt76")
	tests := []struct {
		ladder Ladder
		at     Stage
		want   Stage
		ok     bool
	}{
		{mt7927, StageNone, StageEnumerated, true},
		{mt7927, StageFirmwareSent, StageMCUReady, true},
		{mt7927, StageInterfaceRegistered, StageNone, false},
		{mt7927, StagePatch, StageNone, false},
		{mt76, StageDriverOwn, StageSemaphore, true},
		{mt76, StageFirmwareVersion, StageMCUReady, true},
	}
	for _, tc := range tests {
		if got, ok := tc.ladder.Next(tc.at); got != tc.want || ok != tc.ok {
			t.Errorf("%s above %v: %v, %v; want %v, %v", tc.ladder.Name, tc.at, got, ok, tc.want, tc.ok)
		}
	}
}
