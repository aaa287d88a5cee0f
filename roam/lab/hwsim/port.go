package hwsim

import (
	"encoding/binary"
	"fmt"
	"io"
)

// drawPort returns a netlink port that the kernel gives to no socket by itself.
//
// It gives a socket without a port that of its process' number, per protocol,
// and negative ones after that. The driver looks at the port alone when any
// netlink socket is closed (mac80211_hwsim_netlink_notify): a routing socket
// that happens to have the medium's port would end the medium and its radios
// when it is closed. So the port is above all process numbers (at most 2^22) and
// not negative.
func drawPort(random io.Reader) (uint32, error) {
	var b [4]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return 0, fmt.Errorf("draw a netlink port: %w", err)
	}
	return binary.NativeEndian.Uint32(b[:])&(1<<30-1) | 1<<30, nil
}
