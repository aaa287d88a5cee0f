package inject

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
)

// groupIndexes are those that an access point's group keys for data have in turn
// (IEEE 802.11-2020, 12.7.7).
func groupIndexes() []uint8 { return []uint8{1, 2} }

func (s *Set) canKey(context.Context) error {
	if s.Kernel == nil {
		return errNoKernel
	}
	_, err := s.Machine.Find(s.Card)
	return err
}

// connection returns the interface and the links of its connection. Without links
// a request that names none would be as it should be, and remove the key.
func (s *Set) connection(ctx context.Context) (int, []uint8, error) {
	place, err := s.Machine.Find(s.Card)
	if err != nil {
		return 0, nil, err
	}
	i, err := s.Kernel.Interface(ctx, place.Index)
	if err != nil {
		return 0, nil, err
	}
	var links []uint8
	for _, l := range i.Links {
		links = append(links, l.ID)
	}
	if len(links) == 0 {
		return 0, nil, fmt.Errorf("%s has no multi-link connection at present", place.Interface)
	}
	return place.Index, links, nil
}

// groupKeyNoLink makes the request that wpa_supplicant up to 2.11 makes when it
// clears its keys. nl80211 refuses it (net/wireless/nl80211.c,
// nl80211_validate_key_link_id).
func (s *Set) groupKeyNoLink(ctx context.Context, _ Target) (Result, error) {
	ifindex, _, err := s.connection(ctx)
	if err != nil {
		return Result{}, err
	}
	r := Result{What: "asked for the removal of a group key without a link"}
	return r, s.Kernel.DelKey(ctx, nl80211.Key{Interface: ifindex, Type: nl80211.KeyGroup, Index: groupIndexes()[0]})
}

// groupKeyLink removes the group keys of the links that the target names, or of
// all. A link that has no key of an index is no failure.
func (s *Set) groupKeyLink(ctx context.Context, t Target) (Result, error) {
	ifindex, links, err := s.connection(ctx)
	if err != nil {
		return Result{}, err
	}
	var removed []string
	r := Result{}
	for _, link := range links {
		if len(t.Links) > 0 && !slices.Contains(t.Links, link) {
			continue
		}
		for _, index := range groupIndexes() {
			err := s.Kernel.DelKey(ctx, nl80211.Key{Interface: ifindex, Type: nl80211.KeyGroup, Link: dot11.Some(link), Index: index})
			switch {
			case err == nil:
				removed = append(removed, fmt.Sprintf("%d of link %d", index, link))
			case !errors.Is(err, syscall.ENOENT):
				r.What, r.Link = "asked for the removal of a link's group key", dot11.Some(link)
				return r, err
			}
		}
	}
	if removed == nil {
		return r, fmt.Errorf("no link of %v has a group key", links)
	}
	r.What = "removed the group keys " + strings.Join(removed, ", ")
	return r, nil
}
