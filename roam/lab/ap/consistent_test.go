package ap

import "fmt"

// consistent says what of the tables contradicts the rest.
func (t *stations) consistent() error {
	for addr, s := range t.associated {
		if s.addr != addr || t.byAID[s.aid] != s {
			return fmt.Errorf("station %v stands under %v, identifier %d", s.addr, addr, s.aid)
		}
		if len(s.links) == 0 {
			return fmt.Errorf("station %v has no link", s.addr)
		}
		for id, own := range s.links {
			if t.onLink[own] != s {
				return fmt.Errorf("station %v is not found by its address on link %d", s.addr, id)
			}
		}
		if s.connected && s.handshake != nil && s.pairwise == nil {
			return fmt.Errorf("station %v is connected without a key", s.addr)
		}
	}
	if len(t.byAID) != len(t.associated) {
		return fmt.Errorf("%d identifiers for %d stations", len(t.byAID), len(t.associated))
	}
	for addr, s := range t.onLink {
		if t.associated[s.addr] != s {
			return fmt.Errorf("address %v is of a station that is not associated", addr)
		}
	}
	for s := range t.candidates.exchanges {
		here := false
		for _, c := range t.candidates.byAddr {
			here = here || c == s
		}
		if !here {
			return fmt.Errorf("the exchange of %v is of no candidate", s.addr)
		}
	}
	return nil
}
