package nl80211

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"roamfault/nl80211/dot11"
)

// ErrNotConnected says that a station interface is associated with nobody.
var ErrNotConnected = errors.New("the interface is not associated")

// Connection is what a station interface is connected to, put together from
// interface, scan results and station: the kernel has no request that gives it
// whole.
type Connection struct {
	Interface Interface
	// AP is the access point: its BSSID, of a multi-link connection its MLD address.
	AP      dot11.Addr
	MLO     bool
	SSID    []byte // as the access point sends it
	Station Station
	// Links are the links by ID; a connection without multi-link has one without ID.
	// They are those set up: which of them are in use the kernel does not tell here.
	Links []ConnectionLink
}

// ConnectionLink is a link of a Connection.
type ConnectionLink struct {
	ID      dot11.Optional[uint8]
	BSSID   dot11.Addr
	Local   dot11.Addr // ours on that link
	Channel ChannelDef // kernels that do not tell it: Freq alone
	// Signal is in dBm: that of the link's figures, or else that of the last beacon
	// or probe response.
	Signal dot11.Optional[int]
	// Figures are the link's own, not present where the kernel has only those of the
	// whole connection.
	Figures dot11.Optional[Figures]
}

// Connection returns what a station interface is connected to. The error wraps
// ErrNotConnected where it is not. The three requests it takes see three moments:
// where a roam comes between them, parts may be of either access point.
func (c *Client) Connection(ctx context.Context, ifindex int) (Connection, error) {
	i, err := c.Interface(ctx, ifindex)
	if err != nil {
		return Connection{}, err
	}
	results, err := c.ScanResults(ctx, ifindex)
	if err != nil && !errors.Is(err, ErrChanging) {
		return Connection{}, err
	}
	results = slices.DeleteFunc(results, func(b BSS) bool { return !b.Associated() })
	if len(results) == 0 {
		return Connection{}, fmt.Errorf("interface %d: %w", ifindex, ErrNotConnected)
	}
	connection := Connection{Interface: i, AP: results[0].BSSID, SSID: results[0].SSID()}
	for j := range results {
		if results[j].Link.Present {
			connection.MLO, connection.AP = true, results[j].MLDAddr
		}
	}
	if connection.Station, err = c.Station(ctx, ifindex, connection.AP); err != nil {
		return Connection{}, err
	}
	connection.join(results)
	return connection, nil
}

// join puts the links together.
func (c *Connection) join(results []BSS) {
	for i := range results {
		b := &results[i]
		link := ConnectionLink{ID: b.Link, BSSID: b.BSSID, Local: c.Interface.Addr, Channel: c.Interface.Channel}
		if b.Link.Present {
			link.Local, link.Channel = dot11.Addr{}, ChannelDef{}
			if own, ok := c.Interface.Link(b.Link.Value); ok {
				link.Local, link.Channel = own.Addr, own.Channel
			}
		}
		if link.Channel.Freq == 0 {
			link.Channel.Freq, link.Channel.Offset = b.Freq, b.FreqOffset
		}
		if b.Signal.Present {
			link.Signal = dot11.Some(b.Signal.Value / 100)
		}
		link.takeFigures(&c.Station)
		c.Links = append(c.Links, link)
	}
	slices.SortFunc(c.Links, func(a, b ConnectionLink) int { return int(a.ID.Value) - int(b.ID.Value) })
}

func (l *ConnectionLink) takeFigures(s *Station) {
	if !l.ID.Present {
		l.Figures = dot11.Some(s.Figures)
	}
	for i := range s.Links {
		if l.ID.Present && s.Links[i].ID == l.ID.Value {
			l.Figures = dot11.Some(s.Links[i].Figures)
		}
	}
	if l.Figures.Present && l.Figures.Value.Signal.Present {
		l.Signal = l.Figures.Value.Signal
	}
}
