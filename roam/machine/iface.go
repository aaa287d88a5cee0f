package machine

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path"
	"strconv"

	"github.com/mdlayher/netlink"
)

// Numbers of include/uapi/linux/if.h, netlink.h and rtnetlink.h.
const (
	flagUp       = 1 << 0
	netlinkRoute = 0
	rtmNewLink   = 16
	linkInfoSize = 16 // struct ifinfomsg
)

// Netlink is rtnetlink. Its errors are the kernel's: ERFKILL where a switch has
// the radio off, EPERM without CAP_NET_ADMIN.
type Netlink struct{}

// SetUp takes an interface up or down.
func (Netlink) SetUp(ctx context.Context, ifindex int, up bool) error {
	_, err := awaits(ctx, "set an interface up or down", func() (struct{}, error) {
		return struct{}{}, setFlags(ifindex, up)
	})
	return err
}

func setFlags(ifindex int, up bool) error {
	conn, err := netlink.Dial(netlinkRoute, nil)
	if err != nil {
		return fmt.Errorf("open a netlink socket: %w", err)
	}
	info := make([]byte, linkInfoSize)
	binary.NativeEndian.PutUint32(info[4:], uint32(ifindex))
	if up {
		binary.NativeEndian.PutUint32(info[8:], flagUp)
	}
	binary.NativeEndian.PutUint32(info[12:], flagUp) // the flags that are meant
	_, err = conn.Execute(netlink.Message{
		Header: netlink.Header{Type: rtmNewLink, Flags: netlink.Request | netlink.Acknowledge}, Data: info,
	})
	return errors.Join(err, conn.Close())
}

func getUp(_ context.Context, m *Machine, c Card) (string, error) {
	place, err := m.Find(c)
	if err != nil {
		return "", err
	}
	text, err := m.text(path.Join("sys/class/net", place.Interface, "flags"))
	if err != nil {
		return "", err
	}
	flags, err := strconv.ParseUint(text, 0, 32)
	if err != nil {
		return "", fmt.Errorf("flags %q: %w", text, err)
	}
	return map[bool]string{true: "up", false: "down"}[flags&flagUp != 0], nil
}

func setUp(ctx context.Context, m *Machine, c Card, value string) error {
	if m.Links == nil {
		return errors.New("rtnetlink cannot be asked")
	}
	place, err := m.Find(c)
	if err != nil {
		return err
	}
	return m.Links.SetUp(ctx, place.Index, value == "up")
}
