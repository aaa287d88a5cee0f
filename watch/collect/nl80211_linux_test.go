package collect

import (
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/genetlink/genltest"
	"github.com/mdlayher/netlink"
	"github.com/mdlayher/netlink/nlenc"
)

// encode makes attributes.
func encode(t *testing.T, f func(e *netlink.AttributeEncoder)) []byte {
	t.Helper()
	e := netlink.NewAttributeEncoder()
	f(e)
	b, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestLinks(t *testing.T) {
	mac := []byte{2, 0, 0, 0, 1, 0}
	link := func(id uint8, freq, width uint32) func(*netlink.AttributeEncoder) error {
		return func(e *netlink.AttributeEncoder) error {
			e.Uint8(attrLinkID, id)
			e.Bytes(attrMAC, []byte{2, 0, 0, 0, 1, id})
			e.Uint32(attrFreq, freq)
			e.Uint32(attrWidth, width)
			return nil
		}
	}
	interfaces := []genetlink.Message{
		{Data: encode(t, func(e *netlink.AttributeEncoder) {
			e.Uint32(attrIfindex, 7)
			e.String(attrIfname, "wlan0")
			e.Uint32(attrIftype, 2)
			e.Bytes(attrMAC, mac)
			e.Bytes(attrSSID, []byte("net\x1b[2J\xff"))
			e.Nested(attrMLOLinks, func(e *netlink.AttributeEncoder) error {
				e.Nested(3, link(2, 6135, 13))
				e.Nested(1, link(0, 5180, 5))
				return nil
			})
		})},
		{Data: encode(t, func(e *netlink.AttributeEncoder) { // a P2P device has no name
			e.Uint32(attrIftype, 10)
		})},
		{Data: encode(t, func(e *netlink.AttributeEncoder) {
			e.Uint32(attrIfindex, 8)
			e.String(attrIfname, "wlan1")
			e.Uint32(attrIftype, 99)
			e.Uint32(attrFreq, 2412)
			e.Uint32(attrWidth, 99)
			e.Bytes(attrMAC, []byte{1})
		})},
	}
	station := encode(t, func(e *netlink.AttributeEncoder) {
		e.Bytes(attrMAC, mac)
		e.Nested(attrStaInfo, func(e *netlink.AttributeEncoder) error {
			e.Uint32(staInactive, 3200)
			e.Int8(staSignal, -61)
			e.Int8(staSignalAvg, -60)
			e.Uint32(staConnected, 77)
			e.Uint32(staTxRetries, 5)
			e.Uint32(staTxFailed, 4)
			e.Uint32(staLoss, 1)
			e.Nested(staTxRate, func(e *netlink.AttributeEncoder) error { e.Uint32(rateBitrate32, 28824); return nil })
			e.Nested(staRxRate, func(e *netlink.AttributeEncoder) error { e.Uint32(rateBitrate32, 60); return nil })
			return nil
		})
	})
	c := genltest.Dial(genltest.ServeFamily(genetlink.Family{ID: 0x1c, Version: 1, Name: "nl80211"}, func(request genetlink.Message, _ netlink.Message) ([]genetlink.Message, error) {
		switch request.Header.Command {
		case cmdGetInterface:
			return interfaces, nil
		case cmdGetStation:
			d, err := netlink.NewAttributeDecoder(request.Data)
			if err != nil {
				return nil, err
			}
			for d.Next() {
				if d.Type() == attrIfindex && d.Uint32() == 7 {
					return []genetlink.Message{{Data: station}}, nil
				}
			}
			return nil, io.EOF // none
		}
		t.Errorf("command %d", request.Header.Command)
		return nil, nil
	}))
	defer c.Close()
	got, err := links(c)
	if err != nil {
		t.Fatal(err)
	}
	want := []Link{
		{
			Interface: "wlan0", Type: "station", Address: "02:00:00:00:01:00", SSID: `net\x1b[2J\xff`,
			MLO:      []MLOLink{{ID: 0, Address: "02:00:00:00:01:00", MHz: 5180, Width: 160}, {ID: 2, Address: "02:00:00:00:01:02", MHz: 6135, Width: 320}},
			Stations: []Station{{Address: "02:00:00:00:01:00", Signal: -61, SignalAverage: -60, InactiveMS: 3200, ConnectedS: 77, TxRetries: 5, TxFailed: 4, BeaconLoss: 1, TxRate: 28824, RxRate: 60}},
		},
		{Interface: "wlan1", Type: "99", MHz: 2412},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whatever the kernel says, reading it ends, and says no more than there is.
func FuzzLinks(f *testing.F) {
	f.Add(nlenc.Uint32Bytes(0x00040008))
	f.Add([]byte{8, 0, 3, 0, 1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		l, _, err := parseLink(b)
		if err == nil && len(l.MLO) > 16 {
			t.Errorf("%d links", len(l.MLO))
		}
		if _, err := parseStation(b); err != nil {
			return
		}
	})
}
