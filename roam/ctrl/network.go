package ctrl

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// Network is a network that is configured.
type Network struct {
	ID   int
	SSID runlog.SSID
	// BSSID is the only one that it may be connected to; zero: any.
	BSSID dot11.Addr
	// Current is that which is connected to, or was chosen last; a Disabled one is
	// not connected to; a Persistent one is of a P2P group, and no network to us.
	Current, Disabled, Persistent bool
}

// ParseNetworks reads an answer to LIST_NETWORKS: a head, then ID, SSID, BSSID and
// flags in columns.
func ParseNetworks(answer string) []Network {
	var all []Network
	for line := range strings.Lines(answer) {
		columns := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(columns) < 3 {
			continue
		}
		id, err := strconv.ParseUint(columns[0], 10, 31)
		if err != nil {
			continue
		}
		n := Network{ID: int(id), SSID: network(columns[1]), BSSID: address(columns[2])}
		if len(columns) > 3 {
			n.Current = strings.Contains(columns[3], "[CURRENT]")
			n.Disabled = strings.Contains(columns[3], "[DISABLED]")
			n.Persistent = strings.Contains(columns[3], "[P2P-PERSISTENT]")
		}
		all = append(all, n)
	}
	return all
}

// maxNetworks bounds how many networks are asked for.
const maxNetworks = 4096

// Networks asks for all networks that are configured. An answer has 4 KiB at most,
// so it may take several.
func (c *Client) Networks(ctx context.Context) ([]Network, error) {
	var all []Network
	for last := -1; len(all) < maxNetworks; {
		answer, err := c.Request(ctx, fmt.Sprintf("LIST_NETWORKS LAST_ID=%d", last))
		if err != nil {
			return nil, err
		}
		page := slices.DeleteFunc(ParseNetworks(answer), func(n Network) bool { return n.ID <= last })
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
		last = page[len(page)-1].ID
	}
	return all, nil
}

// Setting asks for a field of a network, such as "bgscan"; ok is false where it is
// not set, or not told.
func (c *Client) Setting(ctx context.Context, id int, field string) (value string, ok bool, err error) {
	answer, err := c.Request(ctx, fmt.Sprintf("GET_NETWORK %d %s", id, field))
	return answer, err == nil && answer != "FAIL", err
}
