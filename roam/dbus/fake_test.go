package dbus

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

const (
	fakeIface   = "wlan7"
	fakePath    = godbus.ObjectPath("/fi/w1/wpa_supplicant1/Interfaces/3")
	fakeNetwork = fakePath + "/Networks/0"
	fakeOther   = fakePath + "/Networks/1"
)

// fake is a wpa_supplicant on a message bus that does what the test wants.
type fake struct {
	tb   testing.TB
	conn *godbus.Conn

	mu      sync.Mutex
	objects map[godbus.ObjectPath]map[string]properties // by path and interface
	asked   []string                                    // requests that change something
	answer  map[string]func(args []any) *godbus.Error   // in place of none
	noIface bool
}

// newFake puts one on the bus, with networks and some BSSs.
func newFake(tb testing.TB, address string, bsss int) *fake {
	tb.Helper()
	conn, err := godbus.Connect(address)
	if err != nil {
		tb.Fatal(err)
	}
	f := &fake{tb: tb, conn: conn, answer: map[string]func([]any) *godbus.Error{}, objects: map[godbus.ObjectPath]map[string]properties{
		fakePath: {ifaceInterface: {
			"State": godbus.MakeVariant("disconnected"), "CurrentBSS": godbus.MakeVariant(noPath), "CurrentNetwork": godbus.MakeVariant(noPath),
			"CurrentAuthMode": godbus.MakeVariant("INACTIVE"), "Networks": godbus.MakeVariant([]godbus.ObjectPath{fakeNetwork, fakeOther}),
		}},
		fakeNetwork: {ifaceNetwork: networkProperties(`"net"`, "", true)},
		fakeOther:   {ifaceNetwork: networkProperties(`"other"`, "02:00:00:00:00:99", true)},
	}}
	all := make([]godbus.ObjectPath, bsss)
	for i := range bsss {
		all[i] = bssPath(i)
		f.objects[all[i]] = map[string]properties{ifaceBSS: bssProperties(i)}
	}
	f.objects[fakePath][ifaceInterface]["BSSs"] = godbus.MakeVariant(all)
	f.export()
	tb.Cleanup(f.leave)
	f.own()
	return f
}

func (f *fake) own() {
	f.tb.Helper()
	if reply, err := f.conn.RequestName(service, godbus.NameFlagDoNotQueue); err != nil || reply != godbus.RequestNameReplyPrimaryOwner {
		f.tb.Fatalf("own %s: %v, %v", service, reply, err)
	}
}

// leave is its end.
func (f *fake) leave() { _ = f.conn.Close() } // it may have ended before

func networkProperties(ssid, bssid string, enabled bool) properties {
	fields := map[string]godbus.Variant{"ssid": godbus.MakeVariant(ssid), "psk": godbus.MakeVariant(`"secret"`)}
	if bssid != "" {
		fields["bssid"] = godbus.MakeVariant(bssid)
	}
	return properties{"Properties": godbus.MakeVariant(fields), "Enabled": godbus.MakeVariant(enabled)}
}

func bssPath(n int) godbus.ObjectPath {
	return godbus.ObjectPath(fmt.Sprintf("%s/BSSs/%d", fakePath, n))
}

// fakeAP is the nth access point of the fake.
func fakeAP(n int) dot11.Addr { return dot11.Addr{0x02, 0, 0, 0, byte(n >> 8), byte(n)} }

// fakeMLD is the MLD that all of them are links of.
func fakeMLD() dot11.Addr { return dot11.Addr{0x02, 0, 0, 0, 0xaa, 0} }

// fakeElements are the elements of an access point's frame: it is link 1.
func fakeElements() []byte {
	link := dot11.MultiLink{MLDAddr: fakeMLD(), LinkID: dot11.Some[uint8](1)}
	return dot11.Elements{
		dot11.SSIDElement([]byte("net")),
		{ID: dot11.ElementRSN, Body: []byte{1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 8, 0, 0}},
		link.Element(),
	}.Append(nil)
}

func bssProperties(n int) properties {
	addr := fakeAP(n)
	return properties{
		"BSSID": godbus.MakeVariant(addr[:]), "SSID": godbus.MakeVariant([]byte("net")), "Frequency": godbus.MakeVariant(uint16(5180)),
		"Signal": godbus.MakeVariant(int16(-40 - n%50)), "Age": godbus.MakeVariant(uint32(n % 30)), "IEs": godbus.MakeVariant(fakeElements()),
		"Privacy": godbus.MakeVariant(true), "Mode": godbus.MakeVariant("infrastructure"),
		"RSN": godbus.MakeVariant(map[string]godbus.Variant{"KeyMgmt": godbus.MakeVariant([]string{"sae"})}),
	}
}

// export makes the objects reachable.
func (f *fake) export() {
	f.tb.Helper()
	known := func(msg godbus.Message, iface string) (properties, *godbus.Error) {
		path, _ := msg.Headers[godbus.FieldPath].Value().(godbus.ObjectPath)
		p, ok := f.objects[path][iface]
		if !ok {
			return nil, godbus.NewError("org.freedesktop.DBus.Error.UnknownMethod", []any{"no such object"})
		}
		return p, nil
	}
	tables := map[string]map[string]any{
		propertiesName: {
			"Get": func(msg godbus.Message, iface, name string) (godbus.Variant, *godbus.Error) {
				f.mu.Lock()
				defer f.mu.Unlock()
				p, err := known(msg, iface)
				return p[name], err
			},
			"GetAll": func(msg godbus.Message, iface string) (map[string]godbus.Variant, *godbus.Error) {
				f.mu.Lock()
				defer f.mu.Unlock()
				p, err := known(msg, iface)
				return maps.Clone(p), err
			},
			"Set": func(msg godbus.Message, iface, name string, v godbus.Variant) *godbus.Error {
				f.mu.Lock()
				defer f.mu.Unlock()
				p, err := known(msg, iface)
				if err != nil {
					return err
				}
				f.asked = append(f.asked, fmt.Sprintf("Set %s %v", name, v.Value()))
				if fields := asProperties(v.Value()); fields != nil {
					all := maps.Clone(asProperties(p[name].Value()))
					maps.Copy(all, fields)
					v = godbus.MakeVariant(map[string]godbus.Variant(all))
				}
				p[name] = v
				return nil
			},
		},
		service: {"GetInterface": func(name string) (godbus.ObjectPath, *godbus.Error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			if name != fakeIface || f.noIface {
				return "", godbus.NewError(service+".InterfaceUnknown", []any{"wpa_supplicant knows nothing about this interface."})
			}
			return fakePath, nil
		}},
		ifaceInterface: {
			"Scan":          func(args map[string]godbus.Variant) *godbus.Error { return f.request("Scan", args) },
			"Roam":          func(addr string) *godbus.Error { return f.request("Roam", addr) },
			"SelectNetwork": func(path godbus.ObjectPath) *godbus.Error { return f.request("SelectNetwork", path) },
			"Disconnect":    func() *godbus.Error { return f.request("Disconnect") },
			"AbortScan":     func() *godbus.Error { return f.request("AbortScan") },
			"FlushBSS":      func(age uint32) *godbus.Error { return f.request("FlushBSS", age) },
		},
	}
	for iface, methods := range tables {
		if err := f.conn.ExportSubtreeMethodTable(methods, rootPath, iface); err != nil {
			f.tb.Fatal(err)
		}
	}
}

// request notes a request and does what the test wants.
func (f *fake) request(name string, args ...any) *godbus.Error {
	f.mu.Lock()
	f.asked = append(f.asked, strings.TrimSpace(name+" "+fmt.Sprint(args...)))
	answer := f.answer[name]
	f.mu.Unlock()
	if answer == nil {
		return nil
	}
	return answer(args)
}

func (f *fake) on(name string, answer func(args []any) *godbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer[name] = answer
}

func refuse(name string) func([]any) *godbus.Error {
	return func([]any) *godbus.Error { return godbus.NewError(name, []any{"because"}) }
}

// was returns what was asked for, and forgets it.
func (f *fake) was() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	asked := f.asked
	f.asked = nil
	return asked
}

// emit sends a signal.
func (f *fake) emit(path godbus.ObjectPath, name string, args ...any) {
	f.tb.Helper()
	if err := f.conn.Emit(path, name, args...); err != nil {
		f.tb.Error(err)
	}
}

// set sets properties without a word.
func (f *fake) set(path godbus.ObjectPath, iface string, p properties) {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.Copy(f.objects[path][iface], p)
}

// change sets properties and tells of them.
func (f *fake) change(path godbus.ObjectPath, iface string, changed map[string]any) {
	f.tb.Helper()
	told := map[string]godbus.Variant{}
	f.mu.Lock()
	for name, v := range changed {
		told[name] = godbus.MakeVariant(v)
		if p := f.objects[path][iface]; p != nil {
			p[name] = told[name]
		}
	}
	f.mu.Unlock()
	f.emit(path, propertiesName+".PropertiesChanged", iface, told, []string{})
}

// fakeClock is a clock of the test's own.
type fakeClock struct {
	mu  sync.Mutex
	now time.Duration
}

func (c *fakeClock) stamp() nl80211.Stamp {
	c.mu.Lock()
	defer c.mu.Unlock()
	return nl80211.Stamp{Monotonic: c.now, Boot: c.now + time.Hour}
}

func (c *fakeClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += d
}

// open opens a station of the fake, which is closed with the test.
func open(tb testing.TB, address string) (*Station, *fakeClock) {
	tb.Helper()
	clock := &fakeClock{now: time.Minute}
	s, err := New(tb.Context(), Config{
		Address: address, Interface: fakeIface, Clock: clock.stamp, Boot: "boot",
		Now: func() time.Time { return time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s, clock
}

// next returns the next event.
func next(t *testing.T, s *Station) roam.Event {
	t.Helper()
	select {
	case e, ok := <-s.Events():
		if !ok {
			t.Fatal("the events have ended")
		}
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event comes")
	}
	return roam.Event{}
}

// to is the nth access point of the fake as a target.
func to(n int) roam.Target {
	addr := fakeAP(n)
	return roam.Target{AP: runlog.AP{SSID: runlog.SSID("net"), Links: []runlog.Link{{BSSID: addr, Freq: 5180}}}, BSSID: addr}
}

// soon is a context that ends soon.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
