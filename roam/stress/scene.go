package stress

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"roamfault/nl80211"
	"roamfault/roam"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
)

// SceneSchema names the document that Scene is.
const SceneSchema = "roamfault/stress-scene/v1"

// Scene is what was found before a run. Nothing was changed for it.
type Scene struct {
	Schema    string      `json:"schema"` // [SceneSchema]
	Plan      runlog.Plan `json:"plan"`
	Interface string      `json:"interface"`
	Radio     string      `json:"radio"`
	MLO       bool        `json:"mlo"`
	// Via is the way that is taken, and Why the reason.
	Via string `json:"via"`
	Why string `json:"why"`
	// At is the access point it is connected to, nil for none, and Targets those of
	// the plan that were heard of late.
	At      *runlog.AP  `json:"at,omitzero"`
	Targets []runlog.AP `json:"targets"`
	Heard   []runlog.AP `json:"heard"`
	// Guards are what stands against it and what does not; Refused those that have
	// to be mended or allowed.
	Guards  []manager.Guard `json:"guards"`
	Refused []manager.Guard `json:"refused"`
	// Changes are what would be changed to take the interface over.
	Changes []string `json:"changes"`
	// Trouble is why it cannot begin, one line each.
	Trouble []string `json:"trouble"`

	management manager.Management
	wiphy      nl80211.Wiphy
	iface      nl80211.Interface
}

// Ready reports whether a run can begin.
func (s *Scene) Ready() bool { return len(s.Trouble) == 0 && len(s.Refused) == 0 }

// Look looks at everything that a run needs. The error says that there is nothing
// to look at; what is in the way of a run is in the scene.
func Look(ctx context.Context, system *System, o *Options) (*Scene, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	s := &Scene{Schema: SceneSchema, Plan: o.Plan, Targets: []runlog.AP{}, Heard: []runlog.AP{}, Changes: []string{}, Trouble: []string{}}
	if system.Client == nil {
		return nil, fmt.Errorf("find a Wi-Fi card: %w", system.WirelessErr)
	}
	var err error
	if s.iface, err = choose(ctx, system.Client, o.Interface); err != nil {
		return nil, err
	}
	s.Interface = s.iface.Name
	if s.wiphy, err = system.Client.Wiphy(ctx, s.iface.Wiphy); err != nil {
		return nil, fmt.Errorf("ask what the radio of %s can do: %w", s.Interface, err)
	}
	s.Radio, s.MLO = s.wiphy.Name, s.wiphy.MLO
	if s.management, err = manager.Look(ctx, system.System, s.Interface); err != nil {
		return nil, err
	}
	s.way(o)
	s.targets(ctx, system, o)
	mine := o.Mine
	if o.Confirm {
		mine.SSIDs = append(mine.SSIDs, s.SSID())
		for i := range s.Targets {
			mine.Addrs = append(mine.Addrs, s.Targets[i].Addr())
		}
	}
	s.Guards = manager.Guards(ctx, system.System, s.Interface, o.Plan, mine)
	s.Refused = manager.Refusals(s.Guards, o.Allow...)
	if s.Refused == nil {
		s.Refused = []manager.Guard{}
	}
	if o.TakeOver {
		s.changes(ctx, system)
	}
	return s, ctx.Err()
}

// choose finds the interface.
func choose(ctx context.Context, client *nl80211.Client, name string) (nl80211.Interface, error) {
	if name != "" {
		i, err := client.InterfaceByName(ctx, name)
		if err != nil {
			return i, fmt.Errorf("find the interface %s: %w; iw dev lists those there are", name, err)
		}
		if i.Type != nl80211.TypeStation {
			return i, fmt.Errorf("%s is of the type %v: a station is wanted", name, i.Type)
		}
		return i, nil
	}
	all, err := client.Interfaces(ctx)
	if err != nil {
		return nl80211.Interface{}, fmt.Errorf("find a Wi-Fi interface: %w", err)
	}
	all = slices.DeleteFunc(all, func(i nl80211.Interface) bool { return i.Type != nl80211.TypeStation || i.Index == 0 })
	switch len(all) {
	case 0:
		return nl80211.Interface{}, errors.New("there is no Wi-Fi interface that is a station: roamfault doctor says what is missing")
	case 1:
		return all[0], nil
	}
	var connected []nl80211.Interface
	var names []string
	for _, i := range all {
		names = append(names, i.Name)
		if _, err := client.Connection(ctx, i.Index); err == nil {
			connected = append(connected, i)
		}
	}
	if len(connected) == 1 {
		return connected[0], nil
	}
	return nl80211.Interface{}, fmt.Errorf("there are several Wi-Fi interfaces, and not one alone is connected: take one by --interface (%s)", strings.Join(names, ", "))
}

// way chooses how to roam.
func (s *Scene) way(o *Options) {
	via := o.Via
	if via == "" && o.TakeOver {
		via = manager.ViaNL80211
	}
	if o.TakeOver {
		s.Via, s.Why = via, "the interface is taken over"
		if via == manager.ViaDBus {
			s.Trouble = append(s.Trouble, "an interface that is taken over has no manager to ask over D-Bus: --via ctrl or nl80211")
		}
		return
	}
	way, err := s.management.Choose(via)
	if err != nil {
		s.Trouble = append(s.Trouble, err.Error())
		return
	}
	s.Via, s.Why = way.Via, way.Reason
}

// targets says which access points of the plan were heard.
func (s *Scene) targets(ctx context.Context, system *System, o *Options) {
	results, err := system.Client.ScanResults(ctx, s.iface.Index)
	if err != nil && !errors.Is(err, nl80211.ErrChanging) {
		s.Trouble = append(s.Trouble, fmt.Sprintf("read what was heard: %v", err))
		return
	}
	var current runlog.SSID
	if c, err := system.Client.Connection(ctx, s.iface.Index); err == nil {
		s.At = roam.ConnectedTo(&c)
		current = s.At.SSID
	}
	if len(current) == 0 && len(o.Plan.Targets.SSID) == 0 && len(o.Plan.Targets.MLD)+len(o.Plan.Targets.BSSID) == 0 {
		s.Trouble = append(s.Trouble, s.Interface+" is not connected: say which network by --ssid, or connect first")
	}
	s.Heard = append(s.Heard, roam.Discover(results)...)
	s.Targets = append(s.Targets, roam.Select(s.Heard, o.Plan.Targets, current)...)
}

// changes says what taking over would change.
func (s *Scene) changes(ctx context.Context, system *System) {
	changes, err := manager.Changes(ctx, system.System, s.Interface)
	if err != nil {
		s.Trouble = append(s.Trouble, err.Error())
	}
	for _, c := range changes {
		s.Changes = append(s.Changes, c.What)
	}
}

// SSID is the network of the plan.
func (s *Scene) SSID() runlog.SSID {
	if len(s.Plan.Targets.SSID) > 0 || s.At == nil {
		return s.Plan.Targets.SSID
	}
	return s.At.SSID
}
