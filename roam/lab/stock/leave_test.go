package stock

import (
	"strings"
	"testing"

	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
)

func TestProtectedDeauthIsBelieved(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true})
	s := l.Stations[0]
	s.WaitConnected()
	from := l.Kernel.Mark()
	l.Fault("", ap.Rule{Fault: "deauth", Reason: 5})
	l.WaitKernel(from, "deauthenticated from", "Reason: 5=")
}

func TestUnprotectedDeauthIsNot(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true})
	s := l.Stations[0]
	s.WaitConnected()
	from := l.Kernel.Mark()
	l.Fault("", ap.Rule{Fault: "deauth", Reason: 5, Unprotected: true})
	if answered := s.Ping(5); answered < 4 {
		t.Errorf("%d of 5 pings were answered afterwards", answered)
	}
	for _, line := range l.Kernel.Since(from) {
		if strings.Contains(line.Text, "deauthenticated from") {
			t.Errorf("the kernel believed it: %v", line)
		}
	}
}

func TestGroupRekey(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true})
	s := l.Stations[0]
	s.WaitConnected()
	from := s.Log.Mark()
	l.Fault("", ap.Rule{Fault: "rekey"})
	s.WaitLog(from, "Group rekeying completed")
	if answered := s.Ping(5); answered < 4 {
		t.Errorf("%d of 5 pings were answered with the new keys", answered)
	}
}
