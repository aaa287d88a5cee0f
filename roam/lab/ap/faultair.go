package ap

import "time"

// airFaults are those of frames on their way, whatever they say.
func airFaults() []Fault {
	return []Fault{
		{
			Name:  "silence",
			About: "acknowledges frames, but neither answers them nor sends any of their kind",
			Class: "assoc-timeout",
			hear:  func(_ *Rule, h *hearing) { h.ignored = true },
			send:  func(_ *Rule, s *sending) { s.lost = true },
		},
		{
			Name:  "loss",
			About: "frames are lost in both directions, with their acknowledgements",
			Class: "auth-timeout",
			hear:  func(_ *Rule, h *hearing) { h.ignored, h.unacked = true, true },
			send:  func(_ *Rule, s *sending) { s.lost = true },
		},
		{
			Name:  "no-ack",
			About: "hears and answers frames, but their acknowledgements are lost",
			hear:  func(_ *Rule, h *hearing) { h.unacked = true },
		},
		{
			Name:       "delay",
			About:      "sends frames later by a time (tu; 100 where none is given)",
			Parameters: []string{"tu"},
			send:       func(r *Rule, s *sending) { s.delay = r.time(100) },
		},
		{
			Name:  "repeat",
			About: "sends frames twice",
			send:  func(_ *Rule, s *sending) { s.copies = 1 },
		},
		{
			Name:  "garble",
			About: "sends frames with their last bit wrong",
			send: func(_ *Rule, s *sending) {
				if n := len(s.frame); n > 0 {
					s.frame[n-1] ^= 1
				}
			},
		},
	}
}

// time is the rule's time, or so many TU where it has none.
func (r *Rule) time(otherwise uint32) time.Duration {
	if r.TU == 0 {
		return time.Duration(otherwise) * TU
	}
	return time.Duration(r.TU) * TU
}
