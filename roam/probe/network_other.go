//go:build !linux

package probe

import (
	"errors"
	"net"
)

func newNetwork(string) (network, error) {
	return nil, errors.New("probe a connection: only Linux can bind its sockets to an interface as it is done here")
}

func acknowledged(net.Conn) (uint64, bool) { return 0, false }

func asked(error) bool { return false }

func broken(error) bool { return false }
