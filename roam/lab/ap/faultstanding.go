package ap

// standingFaults change what the access point is as long as they are at work.
func standingFaults() []Fault {
	return []Fault{
		{
			Name:   "capabilities-changed",
			About:  "says in its beacons that it is an access point without HE and EHT",
			Frames: []string{"beacon", "probe"},
			Class:  "ap-config-change",
			shape: func(_ *Rule, s *shaping) {
				s.elements = withoutHE(s.elements)
				s.multiLink = nil
			},
		},
		{
			Name:    "withhold",
			About:   "keeps what it has buffered for a dozing station, although its beacons announce it",
			Frames:  []string{"data"},
			release: func(_ *Rule, m *releasing) { m.held = true },
		},
	}
}
