package ap

import "roamfault/nl80211/dot11"

// answerFaults are wrong answers to authentication and association.
func answerFaults() []Fault {
	return []Fault{
		{
			Name:       "status",
			About:      "refuses authentication or association with a status code (1 where none is given)",
			Class:      "assoc-rejected",
			Parameters: []string{"status"},
			Frames:     []string{"auth", "assoc"},
			answer:     func(r *Rule, a *answering) { a.status = r.status(dot11.StatusUnspecified) },
		},
		{
			Name:       "comeback",
			About:      "refuses association for now and names a time to come back after (tu; 1000 where none is given)",
			Parameters: []string{"tu"},
			Frames:     []string{"assoc"},
			Class:      "assoc-comeback",
			answer: func(r *Rule, a *answering) {
				a.status, a.comeback = dot11.StatusRefusedTemporarily, r.TU
				if a.comeback == 0 {
					a.comeback = 1000
				}
			},
		},
		{
			Name:       "link-refused",
			About:      "accepts the association but refuses a link beside the one asked on (status; 1 where none is given)",
			Parameters: []string{"status"},
			Frames:     []string{"assoc"},
			Class:      "mlo-negotiation-failed",
			ofLink:     true,
			occasion: func(r *Rule, m *answering) bool {
				for id := range m.station.links {
					if id != m.link.id && (r.Link == nil || *r.Link == id) {
						return m.status == dot11.StatusSuccess
					}
				}
				return false
			},
			answer: func(r *Rule, a *answering) {
				for id := range a.station.links {
					if id != a.link.id && (r.Link == nil || *r.Link == id) {
						a.refused[id] = r.status(dot11.StatusUnspecified)
					}
				}
			},
		},
		{
			Name:   "stale-station",
			About:  "does not forget: a station that it holds to be associated gets no answer when it authenticates anew",
			Frames: []string{"auth"},
			Class:  "auth-timeout",
			occasion: func(_ *Rule, m *answering) bool {
				old := m.ap.stations.associated[m.station.addr]
				return old != nil && old != m.station
			},
			answer: func(_ *Rule, m *answering) { m.ignored = true },
		},
		{
			Name:    "multi-link-missing",
			About:   "leaves the Multi-Link element out",
			Class:   "mlo-negotiation-failed",
			Frames:  []string{"beacon", "probe", "auth", "assoc"},
			present: func(s *shaping) bool { return s.multiLink != nil },
			shape:   func(_ *Rule, s *shaping) { s.multiLink = nil },
		},
		{
			Name:       "multi-link-wrong",
			About:      "names another MLD address (address) in the Multi-Link element",
			Class:      "mlo-negotiation-failed",
			Parameters: []string{"address"},
			Frames:     []string{"beacon", "probe", "auth", "assoc"},
			present:    func(s *shaping) bool { return s.multiLink != nil },
			shape:      func(r *Rule, s *shaping) { s.multiLink.MLDAddr = r.address(s.multiLink.MLDAddr) },
		},
		{
			Name:    "profile-missing",
			About:   "answers an association without the profiles of the other links",
			Frames:  []string{"assoc"},
			present: func(s *shaping) bool { return s.multiLink != nil && len(s.multiLink.Profiles) > 0 },
			shape:   func(_ *Rule, s *shaping) { s.multiLink.Profiles = nil },
		},
	}
}

func (r *Rule) status(otherwise dot11.StatusCode) dot11.StatusCode {
	if r.Status == 0 {
		return otherwise
	}
	return r.Status
}

// address is the one the rule names, or one beside the true one.
func (r *Rule) address(truth dot11.Addr) dot11.Addr {
	if r.Address.IsZero() {
		truth[5] ^= 0x80
		return truth
	}
	return r.Address
}
