package dbus

import (
	"testing"
	"time"
)

func fixedNow() time.Time { return time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC) }

// BenchmarkCandidates lists 100 BSSs that are known.
func BenchmarkCandidates(b *testing.B) {
	address, _ := startDaemon(b, everybody)
	newFake(b, address, 100)
	s, _ := open(b, address)
	b.ReportAllocs()
	for b.Loop() {
		if known, err := s.Candidates(b.Context()); err != nil || len(known) != 100 {
			b.Fatalf("%d, %v", len(known), err)
		}
	}
}

// BenchmarkLoad reads 100 BSSs for the first time.
func BenchmarkLoad(b *testing.B) {
	address, _ := startDaemon(b, everybody)
	newFake(b, address, 100)
	s, _ := open(b, address)
	at, err := s.here(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := s.load(b.Context(), at.owner, at.path); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkState asks for the state.
func BenchmarkState(b *testing.B) {
	address, _ := startDaemon(b, everybody)
	newFake(b, address, 100)
	s, _ := open(b, address)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.State(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
