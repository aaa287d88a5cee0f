package ctrl

import (
	"context"
	"errors"
	"fmt"

	"roamfault/roam/runlog"
)

// ignoreTimes is how often a BSSID is put on the daemon's ignore list: each time
// counts twice, and from the sixth on it stays there for 30 minutes; before, 10
// seconds to 2 minutes (bssid_ignore.c, wpa_bssid_ignore_add).
const ignoreTimes = 3

// Avoid puts all links of an access point on the daemon's ignore list, and lets it
// choose anew. Where it knows no other access point, the daemon clears that list
// (events.c, wpa_supplicant_pick_network) and stays.
func (s *Station) Avoid(ctx context.Context, ap runlog.AP) error {
	if err := s.avoid(ctx, ap); err != nil {
		return fmt.Errorf("avoid %v: %w", ap.Addr(), err)
	}
	return nil
}

func (s *Station) avoid(ctx context.Context, ap runlog.AP) error {
	if len(ap.Links) == 0 {
		return errors.New("it has no links")
	}
	if err := s.changes.undo(ctx, s.client, ofAction()...); err != nil {
		return err
	}
	s.avoided = true
	for _, l := range ap.Links {
		for range ignoreTimes {
			if err := s.ignore(ctx, l.BSSID.String()); err != nil {
				return err
			}
		}
	}
	return s.client.Order(ctx, "REASSOCIATE")
}

// Allow clears the daemon's ignore list, also of access points that it has put
// there itself.
func (s *Station) Allow(ctx context.Context) error {
	if err := s.ignore(ctx, "clear"); err != nil {
		return fmt.Errorf("allow all access points again: %w", err)
	}
	s.avoided = false
	return nil
}

// ignore asks about the ignore list, by its name or the older one.
func (s *Station) ignore(ctx context.Context, what string) (err error) {
	for _, name := range []string{"BSSID_IGNORE", "BLACKLIST"} {
		err = s.client.Order(ctx, name+" "+what)
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.Answer != "UNKNOWN COMMAND" {
			return err
		}
	}
	return err
}
