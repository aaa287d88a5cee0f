package ap_test

import (
	"errors"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/sae"
)

// has reports whether an error of a station wraps another.
func (s *station) has(target error) bool {
	for _, err := range append(s.bad, s.handshakeErrors...) {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

var answerFaultTests = map[string]func(*bench){
	"status": func(b *bench) {
		b.make(ap.Rule{Fault: "status", Frame: "assoc", Status: 17, Count: 2})
		for range 2 {
			b.fails()
			if b.s.assocStatus != 17 {
				b.Errorf("status %v", b.s.assocStatus)
			}
		}
		b.connect()
		b.s.leave()
		b.s.cache = map[dot11.Addr]sae.Keys{}
		b.make(ap.Rule{Fault: "status", Frame: "auth"})
		b.fails()
		if b.s.authStatus != dot11.StatusUnspecified {
			b.Errorf("status %v", b.s.authStatus)
		}
		b.heals()
	},
	"comeback": func(b *bench) {
		b.make(ap.Rule{Fault: "comeback", TU: 321})
		b.fails()
		if b.s.assocStatus != dot11.StatusRefusedTemporarily || b.s.comeback != 321 {
			b.Errorf("status %v, %d TU", b.s.assocStatus, b.s.comeback)
		}
		b.a.Clear("")
		b.make(ap.Rule{Fault: "comeback"})
		b.fails()
		if b.s.comeback != 1000 {
			b.Errorf("%d TU where none are given", b.s.comeback)
		}
		b.heals()
	},
	"link-refused": func(b *bench) {
		b.make(ap.Rule{Fault: "link-refused", Link: only(1), Status: 37, Count: 1})
		b.connect()
		if b.s.refused[1] != 37 || len(b.s.refused) != 1 {
			b.Errorf("refused %v", b.s.refused)
		}
		wantStation(b.T, b.a, b.s)
		exchange(b.T, b.e, b.a, b.s)
		b.s.leave()
		b.connect()
		if len(b.s.refused) > 0 {
			b.Errorf("refused once more than counted: %v", b.s.refused)
		}
		b.s.leave()
		// The link of the exchange itself is not refused by this.
		b.make(ap.Rule{Fault: "link-refused", Link: only(0)})
		b.connect()
		b.s.leave()
		b.make(ap.Rule{Fault: "link-refused"})
		b.s.via = 1
		b.connect()
		if b.s.refused[0] != dot11.StatusUnspecified {
			b.Errorf("refused %v", b.s.refused)
		}
	},
	"stale-station": func(b *bench) {
		b.make(ap.Rule{Fault: "stale-station"})
		b.connect() // nothing is stale yet
		b.e.forget()
		twin := b.e.twin(b.s)
		if twin.connect(b.a.Addr()) || len(b.e.sent(false, dot11.Auth)) > 0 {
			b.Error("a station that is known is answered")
		}
		b.s.leave()
		b.connect()
	},
	"multi-link-missing": func(b *bench) {
		for _, frame := range []string{"auth", "assoc"} {
			b.s.cache = map[dot11.Addr]sae.Keys{}
			b.make(ap.Rule{Fault: "multi-link-missing", Frame: frame})
			b.s.bad = nil
			if connected := b.s.connect(b.a.Addr()); connected != (frame == "auth") {
				b.Errorf("%s: connected %v", frame, connected)
			}
			kind := map[string]dot11.FrameControl{"auth": dot11.Auth, "assoc": dot11.AssocResponse}[frame]
			for _, x := range b.e.sent(false, kind) {
				_, body := x.header(b.T)
				if b.namesMLD(kind, body) {
					b.Errorf("%s with a multi-link element", frame)
				}
			}
			b.heals()
			b.s.leave()
			b.e.forget()
		}
		b.make(ap.Rule{Fault: "multi-link-missing", Frame: "beacon"})
		b.e.nextBeacons()
		_, bodies := beaconsOf(b.T, b.e, b.a.Links()[0].BSSID)
		if _, ok := bodies[0].Elements.FindExt(dot11.ExtMultiLink); ok {
			b.Error("beacon with a multi-link element")
		}
	},
	"multi-link-wrong": func(b *bench) {
		b.make(ap.Rule{Fault: "multi-link-wrong", Frame: "assoc"})
		b.fails()
		if !b.s.has(errMLD) {
			b.Errorf("errors %v", b.s.bad)
		}
		b.a.Clear("")
		other := dot11.Addr{2, 0, 0, 7, 7, 7}
		b.make(ap.Rule{Fault: "multi-link-wrong", Frame: "beacon", Address: other})
		b.e.forget()
		b.e.nextBeacons()
		_, bodies := beaconsOf(b.T, b.e, b.a.Links()[0].BSSID)
		if ml := multiLinkOf(b.T, bodies[0].Elements); ml.MLDAddr != other {
			b.Errorf("beacons name %v", ml.MLDAddr)
		}
		b.heals()
	},
	"profile-missing": func(b *bench) {
		b.make(ap.Rule{Fault: "profile-missing"})
		b.fails()
		if !b.s.has(errProfile) {
			b.Errorf("errors %v", b.s.bad)
		}
		b.e.run(5 * time.Second)
		b.heals()
	},
}

// namesMLD reports whether a frame has a multi-link element.
func (b *bench) namesMLD(kind dot11.FrameControl, body []byte) bool {
	b.Helper()
	if kind == dot11.Auth {
		auth, err := dot11.ParseAuthBody(body)
		if err != nil {
			b.Fatal(err)
		}
		// Behind the fields of SAE, the element is at the end.
		n := len(auth.Body)
		return n >= 12 && auth.Body[n-12] == dot11.ElementExtension && auth.Body[n-10] == dot11.ExtMultiLink
	}
	response, err := dot11.ParseAssocResponseBody(body)
	if err != nil {
		b.Fatal(err)
	}
	_, ok := response.Elements.FindExt(dot11.ExtMultiLink)
	return ok
}
