package nl80211

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"roamfault/nl80211/dot11"
)

// Text says that events were lost.
func (o Overrun) Text() string {
	if o.Lost == 0 {
		return "nl80211 events lost: the socket's buffer was full"
	}
	return fmt.Sprintf("nl80211 events lost: %d were not received in time", o.Lost)
}

// Text names the event, and says what is wrong with it.
func (o Other) Text() string {
	if o.Damage != nil {
		return fmt.Sprintf("nl80211 event %v cannot be read: %v", o.Command, o.Damage)
	}
	return fmt.Sprintf("nl80211 event %v", o.Command)
}

// Text is wpa_supplicant's line of it.
func (ScanStarted) Text() string { return "CTRL-EVENT-SCAN-STARTED" }

// Text is wpa_supplicant's line of it.
func (ScanFinished) Text() string { return "CTRL-EVENT-SCAN-RESULTS" }

// Text says so.
func (ScanAborted) Text() string { return "scan aborted" }

// Text is mac80211's line where the access point denies (mlme.c,
// ieee80211_rx_mgmt_auth). Statuses by which SAE goes on are none.
func (a Authenticated) Text() string {
	peer := a.Header.Addr3
	if !a.Auth.Status.Success() && !a.saeGoesOn() {
		return fmt.Sprintf("%v denied authentication (status %d)", peer, uint16(a.Auth.Status))
	}
	return fmt.Sprintf("RX Auth from %v (algorithm=%d transaction=%d status=%d)", peer, a.Auth.Algorithm, a.Auth.Transaction, uint16(a.Auth.Status))
}

// saeGoesOn reports whether the frame is an SAE commit whose status asks for
// another one or says how its element was made (IEEE 802.11-2020, 12.4).
func (a *Authenticated) saeGoesOn() bool {
	if a.Auth.Algorithm != dot11.AuthSAE || a.Auth.Transaction != 1 {
		return false
	}
	switch a.Auth.Status {
	case dot11.StatusAntiCloggingToken, dot11.StatusSAEHashToElement, dot11.StatusSAEPublicKey:
		return true
	}
	return false
}

// Text is mac80211's line of it.
func (a AuthTimeout) Text() string { return fmt.Sprintf("authentication with %v timed out", a.Addr) }

// Text is mac80211's line of it (mlme.c, ieee80211_rx_mgmt_assoc_resp).
func (a Associated) Text() string {
	peer, kind := a.Header.Addr3, "Assoc"
	if a.Reassociation {
		kind = "Reassoc"
	}
	status := uint16(a.Response.Status)
	if !a.Response.Status.Success() {
		return fmt.Sprintf("%v denied association (code=%d)", peer, status)
	}
	return fmt.Sprintf("RX %sResp from %v (capab=%#x status=%d aid=%d)", kind, peer, uint16(a.Response.Capability), status, a.Response.AID)
}

// Text is mac80211's line of it.
func (a AssocTimeout) Text() string { return fmt.Sprintf("association with %v timed out", a.Addr) }

// Text is mac80211's line of it.
func (a AssocComeback) Text() string {
	// The kernel gives whole milliseconds, cut off, of the TU that the frame had.
	units := (a.After + tu - 1) / tu
	return fmt.Sprintf("%v rejected association temporarily; comeback duration %d TU (%d ms)", a.Addr, units, a.After/time.Millisecond)
}

func (l *Leave) text(local, received string) string {
	if l.Local {
		return fmt.Sprintf("%s from %v by local choice (Reason: %v)", local, l.Peer(), l.Reason)
	}
	return fmt.Sprintf("%s from %v (Reason: %v)", received, l.Peer(), l.Reason)
}

// Text is mac80211's line of it.
func (d Deauthenticated) Text() string { return d.text("deauthenticating", "deauthenticated") }

// Text is mac80211's line of it.
func (d Disassociated) Text() string { return d.text("disassociating", "disassociated") }

// Text says that it was dropped.
func (u UnprotectedDeauth) Text() string {
	return fmt.Sprintf("dropped unprotected deauthentication of %v (reason %v)", u.Header.Addr2, u.Reason)
}

// Text says that it was dropped.
func (u UnprotectedDisassoc) Text() string {
	return fmt.Sprintf("dropped unprotected disassociation of %v (reason %v)", u.Header.Addr2, u.Reason)
}

// Text says how it ended.
func (c Connected) Text() string {
	switch {
	case c.TimedOut:
		return fmt.Sprintf("connecting to %v timed out", c.AP)
	case !c.Status.Success():
		return fmt.Sprintf("connecting to %v failed (status %v)", c.AP, c.Status)
	}
	return fmt.Sprintf("connected to %v%s", c.AP, linksText(c.Links))
}

func linksText(links []ConnectedLink) string {
	var b strings.Builder
	for _, l := range links {
		fmt.Fprintf(&b, " link %d %v", l.ID, l.BSSID)
	}
	return b.String()
}

// Text says where to.
func (r Roamed) Text() string { return fmt.Sprintf("roamed to %v%s", r.AP, linksText(r.Links)) }

// Text says by whom.
func (d Disconnected) Text() string {
	by := "locally"
	if d.ByAP {
		by = "by the access point"
	}
	return fmt.Sprintf("disconnected %s (reason %v)", by, d.Reason)
}

// Text says with whom.
func (p PortAuthorized) Text() string { return fmt.Sprintf("port to %v authorized", p.AP) }

// Text is close to wpa_supplicant's line of it.
func (l LinksRemoved) Text() string {
	var set uint16
	for _, id := range l.Links {
		set |= 1 << (id & 15)
	}
	return fmt.Sprintf("CTRL-EVENT-LINK-RECONFIG removed_links=%#x", set)
}

// Text is close to wpa_supplicant's line of it.
func (l LinksReconfigured) Text() string {
	return "CTRL-EVENT-LINK-RECONFIG" + linksText(l.Links)
}

// Text is wpa_supplicant's line of it, without what follows the frequency there.
func (s ChannelSwitch) Text() string {
	var b strings.Builder
	b.WriteString("CTRL-EVENT-")
	if s.Started {
		b.WriteString("STARTED-")
	}
	if s.Link.Present {
		b.WriteString("LINK-")
	}
	b.WriteString("CHANNEL-SWITCH freq=" + strconv.Itoa(s.Channel.Freq))
	if s.Link.Present {
		fmt.Fprintf(&b, " link_id=%d", s.Link.Value)
	}
	fmt.Fprintf(&b, " ch_width=%v", s.Channel.Width)
	return b.String()
}

// Text says to which side.
func (s SignalChange) Text() string {
	side := "below"
	if s.Above {
		side = "above"
	}
	if s.Level.Present {
		return fmt.Sprintf("signal %s threshold: %d dBm", side, s.Level.Value)
	}
	return fmt.Sprintf("signal %s threshold", side)
}

// Text says how many.
func (p PacketLoss) Text() string {
	return fmt.Sprintf("%d frames in a row to %v not acknowledged", p.Packets, p.Peer)
}

// Text says how many.
func (t TxErrors) Text() string {
	return fmt.Sprintf("%d%% of %d frames to %v failed within %v", t.Rate, t.Packets, t.Peer, t.Interval)
}

// Text is the words that drivers have for it.
func (BeaconLoss) Text() string { return "beacon loss from AP" }

// Text is the kernel's line of it (wireless/reg.c, print_regdomain and those
// around).
func (r RegChange) Text() string {
	switch r.Type {
	case RegCountry:
		return "Regulatory domain changed to country: " + printable(r.Country)
	case RegIntersection:
		return "Current regulatory domain intersected"
	default:
		return "World regulatory domain updated"
	}
}

// printable makes a name from elsewhere fit for a line.
func printable(s string) string {
	quoted := strconv.QuoteToASCII(s)
	return quoted[1 : len(quoted)-1]
}

// Text names it.
func (i InterfaceAdded) Text() string {
	return fmt.Sprintf("interface %s added (%v)", printable(i.Name), i.Type)
}

// Text names it.
func (i InterfaceRemoved) Text() string {
	return fmt.Sprintf("interface %s removed (%v)", printable(i.Name), i.Type)
}

// Text names it.
func (i InterfaceChanged) Text() string {
	return fmt.Sprintf("interface %s changed (%v)", printable(i.Name), i.Type)
}

// Text names it.
func (w WiphyAdded) Text() string { return fmt.Sprintf("device %s added", printable(w.Name)) }

// Text names it.
func (w WiphyRemoved) Text() string { return fmt.Sprintf("device %s removed", printable(w.Name)) }

// Text names it.
func (s StationAdded) Text() string { return fmt.Sprintf("station %v added", s.Addr) }

// Text names it.
func (s StationRemoved) Text() string { return fmt.Sprintf("station %v removed", s.Addr) }

// Text says what came.
func (c ControlPortFrame) Text() string {
	return fmt.Sprintf("RX control port frame from %v (%#04x, %d octets)", c.Src, c.EtherType, len(c.Payload))
}

func (s *Sent) text(what string) string {
	if s.Acked {
		return fmt.Sprintf("%s %#x acknowledged", what, s.Cookie)
	}
	return fmt.Sprintf("%s %#x not acknowledged", what, s.Cookie)
}

// Text says what became of it.
func (c ControlPortSent) Text() string { return c.text("control port frame") }

// Text says what became of it.
func (f FrameSent) Text() string { return f.text("frame") }

// Text says what came.
func (f FrameReceived) Text() string {
	return fmt.Sprintf("RX frame %#04x from %v (%d octets)", uint16(f.Header.FC.Kind()), f.Header.Addr2, len(f.Raw))
}

// Text says where.
func (o OnChannel) Text() string {
	return fmt.Sprintf("remaining on %d MHz for %v", o.Freq, o.Duration)
}

// Text says whence.
func (o OffChannel) Text() string { return fmt.Sprintf("back from %d MHz", o.Freq) }

// Text says of whom.
func (m MichaelMICFailure) Text() string {
	return fmt.Sprintf("Michael MIC failure in a frame of %v", m.Addr)
}

// Text names it.
func (v Vendor) Text() string {
	return fmt.Sprintf("vendor event %06x:%d (%d octets)", v.OUI, v.Sub, len(v.Data))
}
