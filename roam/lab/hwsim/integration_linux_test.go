package hwsim

import (
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
)

// These tests run against the real driver, where it is loaded with no radios and
// the user is root.

// realMedium opens a medium in a namespace of its own.
func realMedium(t testing.TB, options Options) *Medium {
	t.Helper()
	if there, err := loaded(); err != nil || !there {
		t.Skipf("without mac80211_hwsim, error %v", err)
	}
	if os.Geteuid() != 0 {
		t.Skip("not root")
	}
	n, err := NewNamespace()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	options.Namespace = n
	m, err := Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	return m
}

func newRadio(t testing.TB, m *Medium, config RadioConfig) (Radio, Interface) {
	t.Helper()
	r, err := m.NewRadio(config)
	if err != nil {
		t.Fatal(err)
	}
	list, err := m.Interfaces(t.Context(), r)
	if err != nil || len(list) != 1 {
		t.Fatalf("interfaces %+v, error %v", list, err)
	}
	return r, list[0]
}

// setUp brings an interface up in the medium's namespace.
func (i Interface) setUp(t testing.TB, n *Namespace) {
	t.Helper()
	err := n.Do(func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		ifreq, err := unix.NewIfreq(i.Name)
		if err != nil {
			return err
		}
		ifreq.SetUint16(unix.IFF_UP)
		return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, ifreq)
	})
	if err != nil {
		t.Fatalf("bring up %s: %v", i.Name, err)
	}
}

// wireless asks the medium's namespace.
func wireless(t testing.TB, n *Namespace, f func(*nl80211.Client) error) {
	t.Helper()
	if err := (&Medium{namespace: n}).wireless(f); err != nil {
		t.Fatal(err)
	}
}

// remain makes a radio listen on a channel for a second.
func remain(t testing.TB, n *Namespace, i Interface, freq int) {
	t.Helper()
	wireless(t, n, func(c *nl80211.Client) error {
		_, err := c.RemainOnChannel(t.Context(), i.Index, freq, time.Second)
		return err
	})
}

// listening is how long the kernel may take to begin with remain.
const listening = 50 * time.Millisecond

// until receives until f is content.
func until(t testing.TB, m *Medium, f func(Event) bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		events, err := m.Receive(deadline)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			t.Fatalf("it does not happen; %+v", m.Stats())
		}
		if slices.ContainsFunc(events, f) {
			return
		}
	}
}

// beacon is a probe response or beacon without anything but an SSID.
func beacon(fc byte, to, bssid dot11.Addr, ssid string) []byte {
	b := []byte{fc, 0, 0, 0}
	b = append(b, to[:]...)
	b = append(b, bssid[:]...)
	b = append(b, bssid[:]...)
	b = append(b, 0, 0)                      // sequence
	b = append(b, 1, 0, 0, 0, 0, 0, 0, 0)    // timestamp
	b = append(b, 100, 0, 1, 0)              // interval, capabilities
	b = append(b, 0, byte(len(ssid)))        // SSID
	b = append(b, ssid...)                   //
	return append(b, 1, 4, 2, 4, 0x0b, 0x16) // supported rates
}

// A radio scans, the medium answers its probe requests, and the radio finds what
// it was told with the signal it was told.
func TestScan(t *testing.T) {
	m := realMedium(t, Options{})
	radio, iface := newRadio(t, m, RadioConfig{Name: "scanner", MLO: true})
	iface.setUp(t, m.namespace)
	until(t, m, func(e Event) bool {
		return e.Kind == AddressAdded && e.Radio == radio.Addr && e.Addr == iface.Addr
	})
	wireless(t, m.namespace, func(c *nl80211.Client) error {
		return c.TriggerScan(t.Context(), nl80211.ScanRequest{Interface: iface.Index, Freqs: []int{2412, 2437}, SSIDs: [][]byte{nil}})
	})
	bssid := dot11.Addr{0x02, 0, 0, 0, 0xaa, 1}
	heard := make(map[int]bool)
	until(t, m, func(e Event) bool {
		if e.Kind != FrameSent {
			return false
		}
		h, body, err := dot11.ParseHeader(e.Frame.Data)
		_ = body
		if err != nil {
			t.Errorf("frame %x: %v", e.Frame.Data, err)
			return false
		}
		if e.Radio != radio.Addr || h.Addr1 != dot11.BroadcastAddr() || e.Frame.Data[0] != 0x40 {
			t.Errorf("frame %+v", e.Frame)
		}
		if err := m.Acknowledge(&e.Frame, false, 0); err != nil {
			t.Fatal(err)
		}
		if err := m.Inject(radio.Addr, e.Frame.Freq, -61, RateIndex(e.Frame.Freq, 6000), beacon(0x50, h.Addr2, bssid, "lab")); err != nil {
			t.Fatal(err)
		}
		heard[e.Frame.Freq] = true
		return len(heard) == 2
	})
	// The last answer goes out and the scan ends.
	for end := time.Now().Add(500 * time.Millisecond); time.Now().Before(end); {
		if _, err := m.Receive(end); err != nil {
			t.Fatal(err)
		}
	}
	type bss struct {
		BSSID  dot11.Addr
		Freq   int
		Signal int
	}
	var found []bss
	wireless(t, m.namespace, func(c *nl80211.Client) error {
		results, err := c.ScanResults(t.Context(), iface.Index)
		for _, b := range results {
			found = append(found, bss{b.BSSID, b.Freq, b.Signal.Value / 100})
		}
		return err
	})
	slices.SortFunc(found, func(a, b bss) int { return a.Freq - b.Freq })
	want := []bss{{bssid, 2412, -61}, {bssid, 2437, -61}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("found (-want +got):\n%s\n%+v", diff, m.Stats())
	}
	stats := m.Stats()
	if stats.Frames == 0 || stats.Statuses != stats.Frames || stats.Late != 0 || stats.Refused != 0 || stats.Malformed != 0 {
		t.Errorf("stats %+v", stats)
	}
}

// What a radio does not listen for is counted, and nothing else happens.
func TestUnheard(t *testing.T) {
	m := realMedium(t, Options{})
	radio, iface := newRadio(t, m, RadioConfig{Channels: 2})
	iface.setUp(t, m.namespace)
	remain(t, m.namespace, iface, 2412)
	time.Sleep(listening)
	frame := beacon(0x80, dot11.BroadcastAddr(), dot11.Addr{2, 0, 0, 0, 0, 1}, "lab")
	for _, freq := range []int{2412, 2437, 2412, 5180, 1} {
		if err := m.Inject(radio.Addr, freq, -40, 0, frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Inject(dot11.Addr{0x42, 9, 9, 9, 9, 9}, 2412, -40, 0, frame); err != nil {
		t.Fatal(err)
	}
	if err := m.Acknowledge(&Frame{Radio: radio.Addr, Cookie: 1 << 40}, true, -40); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); {
		if _, err := m.Receive(end); err != nil {
			t.Fatal(err)
		}
	}
	want := Stats{Injected: 6, Unheard: 4, Statuses: 1, Late: 1, Batches: 1}
	if diff := cmp.Diff(want, m.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

// The second medium of a namespace is told why it cannot be.
func TestSecondMedium(t *testing.T) {
	m := realMedium(t, Options{})
	second := func() error {
		m, err := Open(t.Context(), Options{Namespace: m.namespace})
		if err == nil {
			err = errors.Join(errors.New("it is opened"), m.Close())
		}
		return err
	}
	if err := second(); !errors.Is(err, ErrTaken) {
		t.Errorf("error %v, want %v", err, ErrTaken)
	}
	newRadio(t, m, RadioConfig{Name: "several", Channels: 3})
	if err := second(); !errors.Is(err, ErrChannels) || !strings.Contains(err.Error(), "several") {
		t.Errorf("error %v, want %v with the radio's name", err, ErrChannels)
	}
	if _, err := Open(t.Context(), Options{}); !errors.Is(err, ErrChannels) || !strings.Contains(err.Error(), "other network namespaces") {
		t.Errorf("error %v, want %v", err, ErrChannels)
	}
}

// A name is given once; a removed radio is gone; all are when the medium is
// closed, and another one can be opened.
func TestLife(t *testing.T) {
	m := realMedium(t, Options{})
	addr := dot11.Addr{0x02, 0, 0, 0, 0x77, 0}
	named, iface := newRadio(t, m, RadioConfig{Name: "named", Addr: addr, Channels: 1, MLO: true})
	if iface.Addr != addr || named.Name != "named" {
		t.Errorf("radio %+v with interface %+v", named, iface)
	}
	iface.setUp(t, m.namespace)
	until(t, m, func(e Event) bool { return e.Kind == AddressAdded && e.Radio == named.Addr })
	if _, err := m.NewRadio(RadioConfig{Name: "named"}); err == nil {
		t.Error("a name is given twice")
	}
	other, err := m.NewRadio(RadioConfig{})
	if err != nil || !strings.HasPrefix(other.Name, "phy") || other.ID <= named.ID {
		t.Errorf("radio %+v, error %v", other, err)
	}
	if err := m.DelRadio(named); err != nil {
		t.Error(err)
	}
	if err := m.DelRadio(named); !errors.Is(err, unix.ENODEV) {
		t.Errorf("removed twice: %v", err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), Options{Namespace: m.namespace})
	if err != nil {
		t.Fatal(err)
	}
	if left, err := again.control.radios(); err != nil || len(left) != 0 {
		t.Errorf("radios %+v are left, error %v", left, err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// Other netlink sockets of the process are closed all the time; the driver must
// not take one for the medium's.
func TestOtherSockets(t *testing.T) {
	m := realMedium(t, Options{})
	radio, iface := newRadio(t, m, RadioConfig{Channels: 1, UseChanctx: true})
	for range 3 {
		err := m.namespace.Do(func() error {
			_, err := net.Interfaces()
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if list, err := m.Interfaces(t.Context(), radio); err != nil || len(list) != 1 {
		t.Fatalf("interfaces %+v, error %v", list, err)
	}
	iface.setUp(t, m.namespace)
	until(t, m, func(e Event) bool { return e.Kind == AddressAdded && e.Radio == radio.Addr })
}

// A radio in another namespace still belongs to the medium.
func TestMoveRadio(t *testing.T) {
	m := realMedium(t, Options{})
	radio, iface := newRadio(t, m, RadioConfig{Name: "traveller", MLO: true})
	n := newNamespace(t)
	if err := m.Move(t.Context(), radio, n); err != nil {
		t.Fatal(err)
	}
	if list, err := m.Interfaces(t.Context(), radio); err == nil {
		t.Errorf("interfaces %+v stay", list)
	}
	iface.setUp(t, n)
	until(t, m, func(e Event) bool { return e.Kind == AddressAdded && e.Radio == radio.Addr })
	remain(t, n, iface, 2412)
	time.Sleep(listening)
	if err := m.Inject(radio.Addr, 2412, -40, 0, beacon(0x80, dot11.BroadcastAddr(), dot11.Addr{2, 0, 0, 0, 0, 1}, "lab")); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Receive(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if got := m.Stats().Unheard; got != 0 {
		t.Errorf("%d unheard", got)
	}
}

// Who does not receive loses messages, and is told.
func TestOverrun(t *testing.T) {
	m := realMedium(t, Options{ReceiveBuffer: 1})
	frame := beacon(0x80, dot11.BroadcastAddr(), dot11.Addr{2, 0, 0, 0, 0, 1}, "lab")
	for range 2000 {
		if err := m.Inject(dot11.Addr{0x42, 9, 9, 9, 9, 9}, 2412, -40, 0, frame); err != nil {
			t.Fatal(err)
		}
	}
	until(t, m, func(e Event) bool { return e.Kind == Overrun })
	for range 100 {
		if _, err := m.Receive(time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	stats := m.Stats()
	if stats.Overruns == 0 || stats.Unheard == 0 || stats.Unheard == stats.Injected {
		t.Errorf("stats %+v", stats)
	}
	// It goes on.
	radio, iface := newRadio(t, m, RadioConfig{})
	iface.setUp(t, m.namespace)
	until(t, m, func(e Event) bool { return e.Kind == AddressAdded && e.Radio == radio.Addr })
}

// One operation is what 50 stations are given of 6 access points in a beacon
// interval. What that takes of one processor at the rate of beacons is told, too.
func BenchmarkBeacons(b *testing.B) {
	for _, bb := range []struct {
		name         string
		heard, alone bool
	}{
		{name: "unheard"},
		{name: "unheard, one by one", alone: true},
		{name: "heard", heard: true},
	} {
		b.Run(bb.name, func(b *testing.B) {
			const stations, aps, length = 50, 6, 450
			m := realMedium(b, Options{})
			var radios []Radio
			var ifaces []Interface
			for range stations {
				r, i := newRadio(b, m, RadioConfig{MLO: true})
				i.setUp(b, m.namespace)
				radios, ifaces = append(radios, r), append(ifaces, i)
			}
			frame := beacon(0x80, dot11.BroadcastAddr(), dot11.Addr{2, 0, 0, 0, 0, 1}, "lab")
			for len(frame) < length {
				frame = append(frame, 221, 16, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
			}
			var since time.Time
			var before, after unix.Rusage
			var spent time.Duration
			b.ReportAllocs()
			for b.Loop() {
				if bb.heard && time.Since(since) > 600*time.Millisecond {
					b.StopTimer()
					time.Sleep(time.Second) // until the last ones have ended
					for _, i := range ifaces {
						remain(b, m.namespace, i, 2412)
					}
					since = time.Now()
					time.Sleep(listening)
					b.StartTimer()
				}
				if err := unix.Getrusage(unix.RUSAGE_SELF, &before); err != nil {
					b.Fatal(err)
				}
				for range aps {
					for _, r := range radios {
						if err := m.Inject(r.Addr, 2412, -40, 0, frame); err != nil {
							b.Fatal(err)
						}
						if !bb.alone {
							continue
						}
						if err := m.Flush(); err != nil {
							b.Fatal(err)
						}
					}
				}
				for {
					events, err := m.Receive(past())
					if err != nil {
						b.Fatal(err)
					}
					if len(events) == 0 {
						break
					}
				}
				if err := unix.Getrusage(unix.RUSAGE_SELF, &after); err != nil {
					b.Fatal(err)
				}
				spent += cpu(after) - cpu(before)
			}
			stats := m.Stats()
			b.ReportMetric(float64(stats.Unheard)/float64(stats.Injected), "unheard/inject")
			b.ReportMetric(100*float64(spent)/float64(b.N)/float64(102400*time.Microsecond), "%cpu")
			b.ReportMetric(float64(stats.Overruns), "overruns")
		})
	}
}

func cpu(r unix.Rusage) time.Duration {
	of := func(t unix.Timeval) time.Duration { return time.Duration(syscall.TimevalToNsec(syscall.Timeval(t))) }
	return of(r.Utime) + of(r.Stime)
}
