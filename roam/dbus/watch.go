package dbus

import (
	"context"
	"strings"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
)

// run handles signals until the station is closed.
func (s *Station) run() {
	defer close(s.done)
	for {
		waiting, lost, ended := s.bus.inbox.take()
		for _, d := range waiting {
			if d.mark != nil {
				close(d.mark)
				continue
			}
			s.handle(d.signal)
		}
		if lost {
			s.look()
		}
		if ended {
			s.gone()
		}
		select {
		case <-s.bus.inbox.more:
		case <-s.ctx.Done():
			s.drop()
			return
		}
	}
}

// drop lets nobody wait for signals that are not handled any more.
func (s *Station) drop() {
	s.bus.inbox.Terminate()
	waiting, _, _ := s.bus.inbox.take()
	for _, d := range waiting {
		if d.mark != nil {
			close(d.mark)
		}
	}
}

// handle takes one signal.
func (s *Station) handle(signal *godbus.Signal) {
	now := s.config.Clock()
	if signal.Name == busName+".NameOwnerChanged" {
		if signal.Sender == busName && arg[string](signal.Body, 0) == service {
			s.ownerChanged(arg[string](signal.Body, 2))
		}
		return
	}
	s.mu.Lock()
	owner, path := s.owner, s.path
	s.mu.Unlock()
	if signal.Sender != owner || owner == "" {
		return
	}
	switch signal.Name {
	case service + ".InterfaceAdded":
		s.added(owner, arg[godbus.ObjectPath](signal.Body, 0), asProperties(arg[any](signal.Body, 1)))
		return
	case service + ".InterfaceRemoved":
		if path != "" && arg[godbus.ObjectPath](signal.Body, 0) == path {
			s.gone()
		}
		return
	}
	if path == "" {
		return
	}
	if signal.Name == propertiesName+".PropertiesChanged" {
		s.changed(now, path, signal)
	} else if signal.Path == path {
		s.signaled(now, signal)
	}
}

// signaled takes a signal of the interface that is none of its properties.
func (s *Station) signaled(now nl80211.Stamp, signal *godbus.Signal) {
	switch signal.Name {
	case ifaceInterface + ".BSSAdded":
		s.mu.Lock()
		s.bss.add(arg[godbus.ObjectPath](signal.Body, 0), asProperties(arg[any](signal.Body, 1)), now)
		s.mu.Unlock()
	case ifaceInterface + ".BSSRemoved":
		s.mu.Lock()
		delete(s.bss, arg[godbus.ObjectPath](signal.Body, 0))
		s.mu.Unlock()
	case ifaceInterface + ".ScanDone":
		ok := arg[bool](signal.Body, 0)
		if ok {
			s.say(now, "CTRL-EVENT-SCAN-RESULTS")
		} else {
			s.say(now, "CTRL-EVENT-SCAN-FAILED")
		}
		s.scanned(scanDone{ok: ok, sequence: signal.Sequence})
	case ifaceInterface + ".EAP":
		s.say(now, "CTRL-EVENT-EAP-STATUS status='%s' parameter='%s'",
			clip(arg[string](signal.Body, 0), maxText), clip(arg[string](signal.Body, 1), maxText))
	}
}

// changed takes changed properties of the interface or of a BSS.
func (s *Station) changed(now nl80211.Stamp, path godbus.ObjectPath, signal *godbus.Signal) {
	p := asProperties(arg[any](signal.Body, 1))
	s.mu.Lock()
	defer s.mu.Unlock()
	switch arg[string](signal.Body, 0) {
	case ifaceBSS:
		if b, ok := s.bss[signal.Path]; ok {
			b.update(p, now)
		}
	case ifaceInterface:
		if signal.Path == path {
			s.moved(now, p)
		}
	}
}

// moved takes changed properties of the interface. The caller holds the lock.
func (s *Station) moved(now nl80211.Stamp, p properties) {
	var c change
	c.state, _ = value[string](p, "State")
	if _, known := phases[c.state]; !known {
		c.state = ""
	}
	c.auth, c.assoc, c.reason = optional[int32](p, "AuthStatusCode"), optional[int32](p, "AssocStatusCode"), optional[int32](p, "DisconnectReason")
	if current, ok := value[godbus.ObjectPath](p, "CurrentBSS"); ok {
		c.current = dot11.Some(place{})
		if b, ok := s.bss[current]; ok {
			c.current.Value = b.place()
		}
	}
	all := s.progress.take(c)
	for _, t := range all {
		if t.what == roam.Trying {
			s.parked = false
		}
	}
	s.tell(now, all)
}

// gone tells that the interface is not there, once.
func (s *Station) gone() {
	s.mu.Lock()
	was := s.path != ""
	s.path, s.bss, s.progress, s.undo, s.parked = "", table{}, progress{}, nil, false
	s.mu.Unlock()
	s.scanned(scanDone{gone: true})
	if was && s.ctx.Err() == nil {
		s.feed.Put(roam.Event{At: s.config.Clock(), What: roam.Gone})
	}
}

// ownerChanged takes a supplicant's coming or going. The interface may come with
// it or after it.
func (s *Station) ownerChanged(owner string) {
	s.gone()
	s.mu.Lock()
	s.owner = owner
	s.mu.Unlock()
	if owner != "" {
		s.back(s.find)
	}
}

// added takes a new interface; of others than ours nothing is to do.
func (s *Station) added(owner string, path godbus.ObjectPath, p properties) {
	name, _ := value[string](p, "Ifname")
	s.mu.Lock()
	missing := s.path == ""
	s.mu.Unlock()
	if missing && name == s.config.Interface && strings.HasPrefix(string(path), string(rootPath)) {
		s.back(func(ctx context.Context) error { return s.load(ctx, owner, path) })
	}
}

// back looks for the interface and tells when it is there again. Where it is not,
// a signal tells when it comes.
func (s *Station) back(find func(context.Context) error) {
	if err := find(s.ctx); err != nil {
		return
	}
	s.feed.Put(roam.Event{At: s.config.Clock(), What: roam.Back})
}

// look reads everything anew, because signals were lost, and tells what the state
// shows to have happened meanwhile.
func (s *Station) look() {
	s.mu.Lock()
	was, before := s.path, s.progress
	s.mu.Unlock()
	err := s.find(s.ctx)
	s.mu.Lock()
	now, found := s.path, s.progress
	s.mu.Unlock()
	switch {
	case err != nil:
		s.gone()
	case was == "":
		s.feed.Put(roam.Event{At: s.config.Clock(), What: roam.Back})
	case now != was: // another one, of a supplicant that was started anew
		s.feed.Put(roam.Event{At: s.config.Clock(), What: roam.Gone})
		s.feed.Put(roam.Event{At: s.config.Clock(), What: roam.Back})
	default:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.progress = before
		s.tell(s.config.Clock(), s.progress.take(change{state: found.state, current: dot11.Some(found.at)}))
	}
}
