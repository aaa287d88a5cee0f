package nl80211

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/genetlink/genltest"
	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

const testFamily = 0x1c

// The attributes of expected requests and of answers are put together here apart
// from what encodes and decodes them.

func attribute(kind uint16, data []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(data)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = append(b, data...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func raw(kind uint16, data ...byte) []byte { return attribute(kind, data) }
func flag(kind uint16) []byte              { return attribute(kind, nil) }
func num8(kind uint16, v uint8) []byte     { return attribute(kind, []byte{v}) }
func str(kind uint16, s string) []byte     { return attribute(kind, append([]byte(s), 0)) }
func num16(kind uint16, v uint16) []byte {
	return attribute(kind, binary.NativeEndian.AppendUint16(nil, v))
}
func num32(kind uint16, v uint32) []byte {
	return attribute(kind, binary.NativeEndian.AppendUint32(nil, v))
}
func num64(kind uint16, v uint64) []byte {
	return attribute(kind, binary.NativeEndian.AppendUint64(nil, v))
}
func address(kind uint16, a dot11.Addr) []byte { return attribute(kind, a[:]) }
func join(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// nest is a nested attribute with NLA_F_NESTED, and list one without, as the
// kernel sends most.
func nest(kind uint16, parts ...[]byte) []byte { return attribute(kind|0x8000, join(parts...)) }
func list(kind uint16, parts ...[]byte) []byte { return attribute(kind, join(parts...)) }

// render lists attributes for people to compare.
func render(b []byte) string { return renderAt(b, "") }

func renderAt(b []byte, indent string) string {
	var out strings.Builder
	for len(b) >= 4 {
		size, kind := int(binary.NativeEndian.Uint16(b)), binary.NativeEndian.Uint16(b[2:])
		if size < 4 || size > len(b) {
			break
		}
		fmt.Fprintf(&out, "%s%d", indent, kind&^0x8000)
		if kind&0x8000 != 0 {
			fmt.Fprintf(&out, " {\n%s%s}\n", renderAt(b[4:size], indent+"  "), indent)
		} else {
			fmt.Fprintf(&out, " %s\n", hex.EncodeToString(b[4:size]))
		}
		b = b[min((size+3)&^3, len(b)):]
	}
	if len(b) > 0 {
		fmt.Fprintf(&out, "%sdamaged: %s\n", indent, hex.EncodeToString(b))
	}
	return out.String()
}

func testFamilyInfo() genetlink.Family {
	return genetlink.Family{
		Name: "nl80211", ID: testFamily, Version: 1,
		Groups: []genetlink.MulticastGroup{{Name: "config", ID: 5}, {Name: "scan", ID: 6}, {Name: "mlme", ID: 8}},
	}
}

func testStamp() Stamp { return Stamp{Monotonic: 5 * time.Second, Boot: 9 * time.Second} }

// serve is a Client whose requests fn answers.
func serve(t testing.TB, fn genltest.Func) *Client {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the fake kernel is made for Linux")
	}
	c, err := New(genltest.Dial(genltest.ServeFamily(testFamilyInfo(), fn)), Config{Clock: testStamp})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// expect is a Client that must get one request, which the messages answer; without
// any it is acknowledged.
func expect(t *testing.T, command Command, flags netlink.HeaderFlags, want []byte, answer ...genetlink.Message) *Client {
	t.Helper()
	asked := false
	t.Cleanup(func() {
		if !asked {
			t.Errorf("%v was not asked for", command)
		}
	})
	return serve(t, genltest.CheckRequest(testFamily, uint8(command), flags, func(m genetlink.Message, _ netlink.Message) ([]genetlink.Message, error) {
		asked = true
		if diff := cmp.Diff(render(want), render(m.Data)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", command, diff)
		}
		if len(answer) == 0 {
			return nil, genltest.Error(0)
		}
		return answer, nil
	}))
}

func message(command Command, parts ...[]byte) genetlink.Message {
	return genetlink.Message{Header: genetlink.Header{Command: uint8(command), Version: 1}, Data: join(parts...)}
}

const (
	doFlags   = netlink.Request | netlink.Acknowledge
	askFlags  = netlink.Request
	dumpFlags = netlink.Request | netlink.Dump
)

// Addresses of the tests: an AP MLD, its links, and ours.
func apMLD() dot11.Addr         { return dot11.Addr{2, 0, 0, 0, 1, 0} }
func apLink(id byte) dot11.Addr { return dot11.Addr{2, 0, 0, 0, 1, 0x10 + id} }
func ourMLD() dot11.Addr        { return dot11.Addr{2, 0, 0, 0, 0, 1} }
func ourLink(id byte) dot11.Addr {
	return dot11.Addr{2, 0, 0, 0, 0, 0x10 + id}
}
