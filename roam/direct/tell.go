package direct

import (
	"errors"
	"time"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/roam"
)

// identifier is by whose lines those of the station are read (package patterns).
const identifier = "nl80211"

// record is a line of a log, as the supplicant's would stand there.
func (s *Station) record(at nl80211.Stamp, text string) *journal.Record {
	return &journal.Record{
		Time: journal.Time{Mono: at.Monotonic, HasMono: true}, Boot: s.config.Boot, Identifier: identifier,
		Priority: journal.PriorityUnknown, Transport: journal.TransportNL80211,
		Message: journal.Sanitize(s.config.Interface+": "+text, false), Count: 1,
	}
}

// emit tells an event. What the station does by itself may be stamped after an
// event was read that is told later: no event is of before the one told last.
func (s *Station) emit(e roam.Event) {
	if e.At.Monotonic < s.last.Monotonic {
		e.At = s.last
	}
	s.last = e.At
	s.out.Put(e)
}

// own is an event that no event of the kernel says.
func (s *Station) own(what roam.What) roam.Event {
	e := roam.Event{At: s.config.Clock(), What: what}
	if s.current != nil {
		e.AP = s.current.peer
	}
	return e
}

// say tells a line.
func (s *Station) say(text string) {
	e := s.own(roam.Said)
	e.Record = s.record(e.At, text)
	s.emit(e)
}

// sayRefusal tells the lines of a refusal by the kernel.
func (s *Station) sayRefusal(err error) {
	var refusal *nl80211.Error
	if !errors.As(err, &refusal) {
		return
	}
	for _, line := range refusal.Lines() {
		s.say(line)
	}
}

// now is the time that deadlines are measured by.
func (s *Station) now() time.Duration { return s.config.Clock().Monotonic }
