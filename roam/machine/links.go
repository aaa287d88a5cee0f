package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
)

// mask is how mac80211 writes a set of links (net/mac80211/debugfs_netdev.c,
// ieee80211_if_fmt_active_links). An empty one makes the kernel warn, so it is
// never set.
var mask = regexp.MustCompile(`^0x[1-9a-f][0-9a-f]{0,3}$`)

func linkMask(v string) bool { return mask.MatchString(v) }

// netdevFile is a file of mac80211's debugfs directory of a card's interface.
func (m *Machine) netdevFile(c Card, name string) (string, error) {
	place, err := m.Find(c)
	if err != nil {
		return "", err
	}
	return path.Join(debug, "ieee80211", place.Phy, "netdev:"+place.Interface, name), nil
}

func (m *Machine) links(ctx context.Context, c Card, name string) (uint16, error) {
	file, err := m.netdevFile(c, name)
	if err != nil {
		return 0, err
	}
	text, err := m.read(ctx, file)
	if errors.Is(err, fs.ErrNotExist) && m.has(path.Join(debug, "ieee80211")) && !m.has(path.Dir(file)) {
		return 0, fmt.Errorf("%w; the kernel is built without CONFIG_MAC80211_DEBUGFS, as Debian's are", err)
	}
	if err != nil {
		return 0, err
	}
	set, err := strconv.ParseUint(text, 0, 16)
	if err != nil {
		return 0, fmt.Errorf("/%s: %w", file, err)
	}
	return uint16(set), nil
}

func hexMask(set uint16) string { return fmt.Sprintf("%#x", set) }

// LinkSets returns which links of a card's connection are set up and which of them
// are in use, by their numbers. Without multi-link both are empty.
func (m *Machine) LinkSets(ctx context.Context, c Card) (valid, active []uint8, err error) {
	v, err := m.links(ctx, c, "valid_links")
	if err != nil {
		return nil, nil, fmt.Errorf("read which links there are: %w", err)
	}
	a, err := m.links(ctx, c, "active_links")
	if err != nil {
		return nil, nil, fmt.Errorf("read which links are in use: %w", err)
	}
	return numbers(v), numbers(a), nil
}

func numbers(set uint16) []uint8 {
	var out []uint8
	for n := range uint8(16) {
		if set>>n&1 != 0 {
			out = append(out, n)
		}
	}
	return out
}

// LinkMask is a set of links as a value of [ActiveLinks].
func LinkMask(links ...uint8) string {
	var set uint16
	for _, n := range links {
		set |= 1 << (n & 15)
	}
	return hexMask(set)
}

func getActiveLinks(ctx context.Context, m *Machine, c Card) (string, error) {
	set, err := m.links(ctx, c, "active_links")
	if err != nil {
		return "", err
	}
	return hexMask(set), nil
}

// setActiveLinks lets mac80211 switch the links (ieee80211_set_active_links).
// The driver may refuse.
func setActiveLinks(ctx context.Context, m *Machine, c Card, value string) error {
	file, err := m.netdevFile(c, "active_links")
	if err != nil {
		return err
	}
	return m.write(ctx, file, value)
}

// otherLinks says that a set of links is of another connection, which chose its
// own.
func otherLinks(ctx context.Context, m *Machine, c Card, before string) bool {
	valid, err := m.links(ctx, c, "valid_links")
	if err != nil {
		_, gone := m.Find(c)
		return gone != nil
	}
	set, err := strconv.ParseUint(before, 0, 16)
	return err != nil || uint16(set)&^valid != 0
}
