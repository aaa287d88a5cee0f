package hwsim

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/genetlink/genltest"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
)

// radioAttrs is what the driver tells of a radio; the name has no zero behind.
func radioAttrs(t testing.TB, id uint32, name string, channels uint32) []byte {
	t.Helper()
	e := netlink.NewAttributeEncoder()
	e.Uint32(attrRadioID, id)
	e.Uint32(attrChannels, channels)
	e.Bytes(attrRadioName, []byte(name))
	b, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decodeAll(t testing.TB, b []byte) map[uint16][]byte {
	t.Helper()
	d, err := netlink.NewAttributeDecoder(b)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[uint16][]byte)
	for d.Next() {
		all[d.Type()] = d.Bytes()
	}
	if err := d.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// The driver answers with the number of the radio where an error number is
// expected, but positive.
func TestNewRadio(t *testing.T) {
	tests := []struct {
		name   string
		config RadioConfig
		id     int
		attrs  map[uint16][]byte
		want   Radio
	}{
		{
			name: "multi-link", config: RadioConfig{Name: "lab0", MLO: true}, id: 0,
			attrs: map[uint16][]byte{
				attrChannels: native32(4), attrUseChanctx: {}, attrMLO: {}, attrDestroyOnClose: {}, attrRadioName: []byte("lab0\x00"),
			},
			want: Radio{ID: 0, Name: "lab0", Addr: dot11.Addr{0x42, 0, 0, 0, 0, 0}},
		},
		{
			name: "number beyond an octet", config: RadioConfig{Name: "lab0", MLO: true}, id: 0x1234,
			attrs: map[uint16][]byte{
				attrChannels: native32(4), attrUseChanctx: {}, attrMLO: {}, attrDestroyOnClose: {}, attrRadioName: []byte("lab0\x00"),
			},
			want: Radio{ID: 0x1234, Name: "lab0", Addr: dot11.Addr{0x42, 0, 0, 0x12, 0x34, 0}},
		},
		{
			name: "all there is",
			config: RadioConfig{
				Name: "lab1", Channels: 1, Addr: dot11.Addr{2, 0, 0, 0, 9, 9}, Country: "US", Strict: true, P2P: true, NoInterface: true, Keep: true,
			},
			id: 7,
			attrs: map[uint16][]byte{
				attrChannels: native32(1), attrStrict: {}, attrP2PDevice: {}, attrNoInterface: {}, attrRadioName: []byte("lab1\x00"),
				attrCountry: []byte("US"), attrAddr: {2, 0, 0, 0, 9, 9},
			},
			want: Radio{ID: 7, Name: "lab1", Addr: dot11.Addr{2, 0, 0, 0, 9, 9}},
		},
		{
			name: "named by the kernel", config: RadioConfig{Channels: 1, UseChanctx: true}, id: 5,
			attrs: map[uint16][]byte{attrChannels: native32(1), attrUseChanctx: {}, attrDestroyOnClose: {}},
			want:  Radio{ID: 5, Name: "phy5", Addr: dot11.Addr{0x42, 0, 0, 0, 5, 0}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := pair(t, func(g genetlink.Message, n netlink.Message) ([]genetlink.Message, error) {
				switch g.Header.Command {
				case commandGetRadio:
					return []genetlink.Message{{Data: radioAttrs(t, uint32(tt.id), tt.want.Name, 1)}}, nil
				case commandNewRadio:
				default:
					t.Errorf("command %d", g.Header.Command)
				}
				if n.Header.Type != testFamily || n.Header.Flags != netlink.Request|netlink.Acknowledge {
					t.Errorf("header %+v", n.Header)
				}
				if diff := cmp.Diff(tt.attrs, decodeAll(t, g.Data)); diff != "" {
					t.Errorf("attributes (-want +got):\n%s", diff)
				}
				if tt.id == 0 {
					return nil, io.EOF // success and nothing else
				}
				return nil, unix.Errno(uintptr(-tt.id))
			})
			got, err := m.NewRadio(tt.config)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("radio (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewRadioFails(t *testing.T) {
	refusing := func(errno unix.Errno) genltest.Func {
		return func(genetlink.Message, netlink.Message) ([]genetlink.Message, error) { return nil, errno }
	}
	tests := []struct {
		name   string
		config RadioConfig
		fn     genltest.Func
		want   error
		says   string
	}{
		{name: "not root", fn: refusing(unix.EPERM), want: ErrPermission},
		{name: "name is taken", fn: refusing(unix.ENFILE), want: unix.ENFILE},
		{name: "too many channels", config: RadioConfig{Channels: 11}, says: "1 to 10"},
		{name: "no channels", config: RadioConfig{Channels: -1}, says: "1 to 10"},
		{name: "a group's address", config: RadioConfig{Addr: dot11.BroadcastAddr()}, says: "a group's"},
		{name: "country of three letters", config: RadioConfig{Country: "USA"}, says: "two letters"},
		{name: "a name that is a path", config: RadioConfig{Name: "../phy0"}, says: "name has characters"},
		{name: "a long name", config: RadioConfig{Name: strings.Repeat("a", 65)}, says: "at most 64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fn := tt.fn
			if fn == nil {
				fn = func(genetlink.Message, netlink.Message) ([]genetlink.Message, error) {
					t.Error("the kernel is asked")
					return nil, nil
				}
			}
			m, _ := pair(t, fn)
			_, err := m.NewRadio(tt.config)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want %v, saying %q", err, tt.want, tt.says)
			}
		})
	}
}

// The kernel gives a radio another name when its name is taken. That radio goes
// again.
func TestNameIsTaken(t *testing.T) {
	var commands []uint8
	m, _ := pair(t, func(g genetlink.Message, _ netlink.Message) ([]genetlink.Message, error) {
		commands = append(commands, g.Header.Command)
		switch g.Header.Command {
		case commandGetRadio:
			return []genetlink.Message{{Data: radioAttrs(t, 9, "phy9", 4)}}, nil
		case commandNewRadio:
			return nil, unix.Errno(uintptr(^uint(8))) // -9
		}
		return nil, io.EOF
	})
	if _, err := m.NewRadio(RadioConfig{Name: "lab0"}); err == nil || !strings.Contains(err.Error(), "taken") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff([]uint8{commandNewRadio, commandGetRadio, commandDelRadio}, commands); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

func TestDelRadio(t *testing.T) {
	m, _ := pair(t, func(g genetlink.Message, _ netlink.Message) ([]genetlink.Message, error) {
		want := map[uint16][]byte{attrRadioID: native32(3)}
		if diff := cmp.Diff(want, decodeAll(t, g.Data)); g.Header.Command != commandDelRadio || diff != "" {
			t.Errorf("command %d, attributes (-want +got):\n%s", g.Header.Command, diff)
		}
		return nil, unix.ENODEV
	})
	if err := m.DelRadio(Radio{ID: 3, Name: "lab3"}); !errors.Is(err, unix.ENODEV) || !strings.Contains(err.Error(), "lab3") {
		t.Errorf("error %v", err)
	}
}

// wiphys is an nl80211 with two radios, each with an interface, and one without.
type wiphys struct{ err error }

func (w wiphys) Wiphys(context.Context) ([]nl80211.Wiphy, error) {
	return []nl80211.Wiphy{{Index: 4, Name: "lab0"}, {Index: 5, Name: "lab1"}, {Index: 6, Name: "lab2"}}, w.err
}

func (wiphys) Interfaces(context.Context) ([]nl80211.Interface, error) {
	return []nl80211.Interface{
		{Index: 10, Name: "wlan0", Wiphy: 4, Addr: dot11.Addr{2, 0, 0, 0, 0, 0}},
		{Index: 11, Name: "wlan1", Wiphy: 5, Addr: dot11.Addr{2, 0, 0, 0, 1, 0}},
		{Wiphy: 5, Type: nl80211.TypeP2PDevice}, // it has no name
	}, nil
}

func TestInterfaces(t *testing.T) {
	for _, tt := range []struct {
		radio string
		want  []Interface
		err   error
		says  string
	}{
		{radio: "lab1", want: []Interface{{Index: 11, Name: "wlan1", Addr: dot11.Addr{2, 0, 0, 0, 1, 0}}}},
		{radio: "lab2"},
		{radio: "lab3", says: "not in this network namespace"},
		{radio: "lab1", err: unix.EPERM, says: "not permitted"},
	} {
		got, err := interfaces(t.Context(), wiphys{tt.err}, tt.radio)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: interfaces (-want +got):\n%s", tt.radio, diff)
		}
		if (err != nil) != (tt.says != "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: error %v", tt.radio, err)
		}
	}
}

func TestMoveNowhere(t *testing.T) {
	m, _ := pair(t, func(g genetlink.Message, _ netlink.Message) ([]genetlink.Message, error) {
		t.Errorf("command %d", g.Header.Command)
		return nil, nil
	})
	if err := m.Move(t.Context(), Radio{Name: "lab1"}, nil); err == nil {
		t.Error("moved nowhere")
	}
}

func TestFamily(t *testing.T) {
	known := func(name string) *genetlink.Conn {
		return genltest.Dial(genltest.ServeFamily(genetlink.Family{ID: 0x21, Version: 1, Name: name}, nil))
	}
	c, err := newControl(known(familyName))
	if err != nil || c.family != 0x21 {
		t.Errorf("family %+v, error %v", c, err)
	}
	missing := genltest.Dial(func(genetlink.Message, netlink.Message) ([]genetlink.Message, error) {
		return nil, genltest.Error(int(unix.ENOENT))
	})
	if _, err := newControl(missing); !errors.Is(err, ErrNoModule) {
		t.Errorf("error %v, want %v", err, ErrNoModule)
	}
}

// What the driver says of a radio is taken, whatever it is.
func FuzzDecodeRadio(f *testing.F) {
	f.Add(radioAttrs(f, 1, "lab0", 4))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRadio(b)
		if err != nil && r != (listedRadio{}) {
			t.Errorf("radio %+v with error %v", r, err)
		}
		if len(r.Name) > len(b) {
			t.Errorf("a name of %d octets in %d", len(r.Name), len(b))
		}
	})
}
