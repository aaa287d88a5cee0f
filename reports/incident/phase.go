package incident

import (
	"strings"
	"time"

	"roamfault/patterns"
	"roamfault/patterns/decode"
)

// phaseContext is what was under way when an event came.
type phaseContext struct {
	link      linkState
	trying    bool
	roaming   bool
	connected bool
	roam      *Event // the roam that is under way
	// fresh is how the last association stood: too young to be called idle.
	fresh     bool
	probing   bool // the driver had just found the device, no link since
	early     bool // the host had just booted
	suspended bool // a suspend or resume lay close before
	resetting bool // a reset lay close before
	leaving   bool // the station had just left its AP on purpose
}

const (
	freshLink   = 10 * time.Second
	nearSuspend = 30 * time.Second
	nearProbe   = 60 * time.Second
	nearRoam    = 15 * time.Second
	nearLeave   = 10 * time.Second
	earlyBoot   = 60 * time.Second
)

func (b *Builder) context(e *Event) phaseContext {
	t := &e.card.track
	at := e.moment()
	ctx := phaseContext{link: t.link, trying: t.trying, roaming: t.roaming, connected: t.connected}
	if r := t.last[patterns.RoamStart]; r != nil && at.within(nearRoam, r.moment()) && t.link != linkUp {
		ctx.roam, ctx.roaming = r, true
	}
	if t.link == linkUp && t.associatedAt != nil && !t.connected {
		gap, ok := at.minus(t.associatedAt.moment())
		ctx.fresh = !ok || gap <= freshLink || t.tellsConnected
	}
	if p := t.lastOf(patterns.Probe); p != nil && t.link != linkUp && !t.came && at.within(nearProbe, p.moment()) {
		ctx.probing = true
	}
	ctx.early = e.Time.HasMono && e.Time.Mono < earlyBoot && t.link != linkUp && !t.came
	ctx.suspended = b.suspended != nil && at.within(nearSuspend, b.suspended.moment())
	ctx.leaving = !t.trying && t.recent(at, nearLeave, patterns.DisconnectedLocal)
	ctx.resetting = t.recent(at, silence, patterns.ResetStart)
	return ctx
}

// phase tells when the failure happened.
func (in *building) phase(root, trigger *Event) string {
	ctx := in.ctx
	command := ""
	if c, ok := decode.ParseMCUCommand(root.Fields.Get("cmd")); ok && root.Class == patterns.MCUTimeout {
		command = c.Phase()
	}
	switch {
	case ctx.suspended, command == "suspend":
		return "suspend"
	case root.phase == "reset" || trigger.phase == "reset":
		return "reset"
	case ctx.roaming, ctx.roam != nil, in.roam != nil && !in.roam.after(root):
		return "roam"
	case in.seenReassoc && !ctx.probing:
		return "roam"
	case command == "scan":
		return "scan"
	case ctx.probing, in.byClass[patterns.ProbeFailed] > 0, ctx.early && root.rankGroup() == patterns.GroupChip:
		return "boot"
	case in.probed && ctx.link != linkUp && !ctx.trying:
		return "boot"
	case in.byClass[patterns.PMFailed] > 0:
		return "suspend"
	case root.phase == "scan", in.scanning():
		return "scan"
	case root.phase == "roam", trigger.phase == "roam", noise(in.first.Class) && !ctx.trying:
		return "roam" // group keys are cleared link by link only when an AP is left
	case ctx.trying, ctx.fresh, ctx.link == linkUp && !ctx.connected && settingKeys(root):
		return "connect"
	case command == "boot" && ctx.link != linkUp, root.phase == "boot" && ctx.link != linkUp:
		return "boot"
	case ctx.resetting && root.rankGroup() == patterns.GroupChip:
		return "reset"
	case ctx.link == linkUp, ctx.leaving, root.phase == "idle", trigger.phase == "idle", in.showsLink():
		return "idle"
	case in.connecting(root):
		return "connect"
	case root.Class == patterns.FirmwareLoadFailed && in.byClass[patterns.ResetStart] == 0:
		return "boot" // firmware is loaded at start, or by a reset that would be told
	case root.phase != "":
		return root.phase
	}
	return "unknown"
}

func (e *Event) rankGroup() patterns.Group {
	info, _ := e.Class.Info()
	return info.Group
}

// settingKeys reports whether the root says that the keys were never agreed on:
// the supplicant's own time-out comes after the association.
func settingKeys(root *Event) bool {
	reason, _ := root.Fields.Int("reason")
	const groupKeyTimeout = 16
	return root.Class == patterns.AuthTimeout || root.Class == patterns.HandshakeFailed && reason != groupKeyTimeout
}

// scanning reports whether a scan is what failed: by itself, or together with
// its command.
func (in *building) scanning() bool {
	if in.byClass[patterns.ScanFailed] == 0 {
		return false
	}
	for _, e := range in.events {
		if strings.Contains(strings.ToUpper(e.Fields.Get("cmd")), "SCAN") {
			return true
		}
	}
	return in.byClass[patterns.ScanFailed] == in.total
}

// showsLink reports whether an event implies that the link was up.
func (in *building) showsLink() bool {
	if in.later != nil {
		return true
	}
	for _, e := range in.events {
		switch e.Class {
		case patterns.BeaconLoss, patterns.APConfigChange:
			return true
		case patterns.DriverDisconnect:
			if addr := e.Fields.Get("addr"); addr != "" && addr != "00:00:00:00:00:00" {
				return true
			}
		case patterns.DeauthByAP:
			if e == in.first || e.Origin == in.first.Origin {
				return true
			}
		}
	}
	return false
}

// connecting reports whether the root itself is a step of connecting.
func (in *building) connecting(root *Event) bool {
	switch root.Class {
	case patterns.AuthTimeout, patterns.AuthRejected, patterns.AssocTimeout, patterns.AssocRejected, patterns.AssocComeback, patterns.MLONegotiationFailed,
		patterns.AuthRequestFailed, patterns.AssocRequestFailed, patterns.BSSFetchFailed, patterns.HandshakeFailed, patterns.ConnectionFailed, patterns.KeyRejected, patterns.ROCTimeout:
		return true
	}
	return false
}
