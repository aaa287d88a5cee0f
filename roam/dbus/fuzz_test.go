package dbus

import (
	"context"
	"testing"
	"unicode"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/outbox"
)

// names are the properties that are read, and one that is not.
func names() []string {
	return []string{"State", "CurrentBSS", "AuthStatusCode", "AssocStatusCode", "DisconnectReason", "BSSID", "SSID", "Frequency",
		"Signal", "Age", "IEs", "WPA", "KeyMgmt", "Ifname", "Scanning"}
}

// states are texts that mean something.
func states() []string {
	return []string{"disconnected", "scanning", "authenticating", "associating", "associated", "4way_handshake", "group_handshake", "completed", "interface_disabled", fakeIface}
}

// source makes values of octets.
type source struct{ b []byte }

func (s *source) octet() byte {
	if len(s.b) == 0 {
		return 0
	}
	c := s.b[0]
	s.b = s.b[1:]
	return c
}

func (s *source) octets() []byte {
	n := min(int(s.octet()), len(s.b))
	c := s.b[:n]
	s.b = s.b[n:]
	return c
}

// value is of any type that a variant may have.
func (s *source) value() any {
	switch s.octet() % 12 {
	case 0:
		return string(s.octets())
	case 1:
		return states()[int(s.octet())%len(states())]
	case 2:
		return s.octets()
	case 3:
		return int32(s.octet()) - int32(s.octet())<<8
	case 4:
		return uint32(s.octet()) << (s.octet() % 32)
	case 5:
		return int16(s.octet()) << 8
	case 6:
		return uint16(s.octet()) << 8
	case 7:
		return godbus.ObjectPath(s.octets())
	case 8:
		return bssPath(int(s.octet()) % 4)
	case 9:
		return s.octet()%2 == 0
	case 10:
		return []string{string(s.octets())}
	}
	return fakePath
}

func (s *source) properties() map[string]godbus.Variant {
	p := map[string]godbus.Variant{}
	for range s.octet() % 8 {
		name := names()[int(s.octet())%len(names())]
		if s.octet()%8 == 0 {
			p[name] = godbus.Variant{} // of no type at all
		} else {
			p[name] = godbus.MakeVariant(s.value())
		}
	}
	return p
}

// FuzzSignals lets a supplicant say anything.
func FuzzSignals(f *testing.F) {
	f.Add([]byte{4, 1, 0, 2, 1, 7, 4, 2, 0, 1, 1, 2, 2, 1, 3, 9, 0})
	f.Add([]byte{2, 0, 3, 5, 1, 2, 6, 2, 0, 0, 0, 0, 10, 6, 1, 2, 3, 'a', 'b', 'c', 10, 1, 2, 4, 48, 2, 1, 0})
	f.Add([]byte("\x05\x00\x00\x1b[31m\n\xff\xfe"))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := &source{b}
		clock := &fakeClock{}
		s := &Station{
			config: Config{Interface: fakeIface, Clock: clock.stamp, Now: fixedNow, Boot: "boot"}, feed: outbox.New(), bus: &bus{inbox: newInbox()},
			owner: ":1.7", path: fakePath, bss: table{},
		}
		s.ctx, s.close = context.WithCancel(t.Context())
		s.close() // requests end before they are made
		defer s.feed.Close()
		members := []string{propertiesName + ".PropertiesChanged", propertiesName + ".PropertiesChanged", ifaceInterface + ".BSSAdded",
			ifaceInterface + ".BSSRemoved", ifaceInterface + ".ScanDone", ifaceInterface + ".EAP", service + ".InterfaceRemoved"}
		for range 64 {
			signal := &godbus.Signal{Sender: ":1.7", Path: fakePath, Name: members[int(in.octet())%len(members)]}
			switch kind := in.octet() % 4; {
			case kind == 0:
				signal.Body = []any{in.value(), in.value(), in.value()}
			case signal.Name == propertiesName+".PropertiesChanged" && kind == 1:
				signal.Path = bssPath(int(in.octet()) % 4)
				signal.Body = []any{ifaceBSS, in.properties(), []string{}}
			case signal.Name == propertiesName+".PropertiesChanged":
				signal.Body = []any{ifaceInterface, in.properties(), []string{}}
			default:
				signal.Body = []any{bssPath(int(in.octet()) % 4), in.properties()}
			}
			s.handle(signal)
		}
		for _, c := range s.bss.candidates(clock.stamp()) {
			if c.BSSID.IsZero() || len(c.SSID) > dot11.MaxSSID || c.Age < 0 {
				t.Errorf("candidate %+v", c)
			}
		}
		const last roam.What = "the last"
		s.feed.Put(roam.Event{What: last})
		for e := range s.feed.Events() {
			if e.What == last {
				break
			}
			checkEvent(t, e)
		}
	})
}

func checkEvent(t *testing.T, e roam.Event) {
	t.Helper()
	if e.Record == nil {
		return
	}
	for _, r := range e.Record.Message {
		if unicode.IsControl(r) && r != '\t' {
			t.Errorf("a message with %U: %q", r, e.Record.Message)
		}
	}
}

// FuzzBSS reads the properties of a BSS from anything.
func FuzzBSS(f *testing.F) {
	f.Add(fakeElements(), []byte("net"), []byte{2, 0, 0, 0, 0, 1})
	f.Add([]byte{255, 3, 107, 0, 0}, []byte{0xff, 0}, []byte{1})
	f.Fuzz(func(t *testing.T, elements, ssid, addr []byte) {
		b, ok := newBSS(properties{
			"IEs": godbus.MakeVariant(elements), "SSID": godbus.MakeVariant(ssid), "BSSID": godbus.MakeVariant(addr),
		}, nl80211.Stamp{})
		if ok && (len(addr) != len(b.addr) || len(b.ssid) > dot11.MaxSSID) {
			t.Errorf("%x is taken as %+v", addr, b)
		}
	})
}
