package nl80211

import (
	"errors"
	"fmt"
	"time"

	"roamfault/nl80211/dot11"
)

// eventDecoders say by command how an event is read.
var eventDecoders = [...]func(*fields) Body{
	CommandNewWiphy:                 func(f *fields) Body { return WiphyAdded{f.text(attrWiphyName)} },
	CommandDelWiphy:                 func(f *fields) Body { return WiphyRemoved{f.text(attrWiphyName)} },
	CommandNewInterface:             func(f *fields) Body { return InterfaceAdded{eventInterface(f)} },
	CommandDelInterface:             func(f *fields) Body { return InterfaceRemoved{eventInterface(f)} },
	CommandSetInterface:             func(f *fields) Body { return InterfaceChanged{eventInterface(f)} },
	CommandNewStation:               func(f *fields) Body { return StationAdded{eventStation(f)} },
	CommandDelStation:               func(f *fields) Body { return StationRemoved{eventStation(f)} },
	CommandTriggerScan:              func(f *fields) Body { return ScanStarted{eventScan(f)} },
	CommandNewScanResults:           func(f *fields) Body { return ScanFinished{eventScan(f)} },
	CommandScanAborted:              func(f *fields) Body { return ScanAborted{eventScan(f)} },
	CommandRegChange:                func(f *fields) Body { return eventRegChange(f, false) },
	CommandWiphyRegChange:           func(f *fields) Body { return eventRegChange(f, true) },
	CommandAuthenticate:             eventAuthenticate,
	CommandAssociate:                eventAssociate,
	CommandAssocComeback:            eventComeback,
	CommandDeauthenticate:           func(f *fields) Body { return Deauthenticated{eventLeave(f)} },
	CommandDisassociate:             func(f *fields) Body { return Disassociated{eventLeave(f)} },
	CommandUnprotDeauthenticate:     func(f *fields) Body { return UnprotectedDeauth{eventLeave(f)} },
	CommandUnprotDisassociate:       func(f *fields) Body { return UnprotectedDisassoc{eventLeave(f)} },
	CommandConnect:                  eventConnect,
	CommandRoam:                     eventRoam,
	CommandDisconnect:               eventDisconnect,
	CommandPortAuthorized:           func(f *fields) Body { return PortAuthorized{f.addr(attrMAC)} },
	CommandLinksRemoved:             eventLinksRemoved,
	CommandAssocMLOReconf:           eventLinksReconfigured,
	CommandChSwitchStartedNotify:    func(f *fields) Body { return eventChannelSwitch(f, true) },
	CommandChSwitchNotify:           func(f *fields) Body { return eventChannelSwitch(f, false) },
	CommandNotifyCQM:                eventCQM,
	CommandControlPortFrame:         eventControlPort,
	CommandControlPortFrameTxStatus: func(f *fields) Body { return ControlPortSent{eventSent(f)} },
	CommandFrameTxStatus:            func(f *fields) Body { return FrameSent{eventSent(f)} },
	CommandFrame:                    eventFrame,
	CommandRemainOnChannel:          eventOnChannel,
	CommandCancelRemainOnChannel:    eventOffChannel,
	CommandMichaelMICFailure:        eventMichael,
	CommandVendor:                   eventVendor,
}

// errNoFrame says that an event lacks its frame.
var errNoFrame = errors.New("the event has no frame")

// DecodeEvent reads what the kernel sends by itself: the attributes of a message
// of that command. What it cannot read becomes an Other with the damage. Octets in
// the event share the memory of attributes.
func DecodeEvent(stamp Stamp, command Command, attributes []byte) Event {
	var damage fault
	f := &fields{raw: attributes, fault: &damage}
	e := Event{Stamp: stamp, Command: command}
	if v := f.u32(attrWiphy); v.Present {
		e.Wiphy = dot11.Some(int(v.Value))
	}
	e.Interface = int(f.u32(attrIfindex).Value)
	e.Wdev = f.u64(attrWdev)
	if int(command) < len(eventDecoders) && eventDecoders[command] != nil {
		e.Body = eventDecoders[command](f)
	}
	f.all(func(*decoder) {}) // what nothing looked for may be damaged, too
	if e.Body == nil || damage.err != nil {
		e.Body = Other{Command: command, Attributes: attributes, Damage: damage.err}
	}
	return e
}

func eventInterface(f *fields) Interface {
	var i Interface
	f.all(i.take)
	return i
}

func eventStation(f *fields) Station {
	var s Station
	f.all(s.take)
	return s
}

func eventScan(f *fields) Scan {
	s := Scan{Flags: ScanFlags(f.u32(attrScanFlags).Value)}
	f.each(attrScanSSIDs, func(d *decoder) { s.SSIDs = append(s.SSIDs, d.data) })
	f.each(attrScanFrequencies, func(d *decoder) { s.Freqs = append(s.Freqs, int(d.u32())) })
	f.each(attrScanFreqKHz, func(d *decoder) { s.Freqs = append(s.Freqs, int(d.u32()/1000)) })
	return s
}

func eventRegChange(f *fields, device bool) Body {
	return RegChange{
		Initiator: RegInitiator(f.u8(attrRegInitiator).Value),
		Type:      RegType(f.u8(attrRegType).Value),
		Country:   f.text(attrRegAlpha2),
		Device:    device,
	}
}

// managementFrame reads the frame of an event, and returns its body.
func managementFrame(f *fields) (Frame, []byte) {
	raw := f.octets(attrFrame)
	if raw == nil {
		f.fail(errNoFrame)
		return Frame{}, nil
	}
	header, body, err := dot11.ParseHeader(raw)
	if err == nil && !header.FC.Management() {
		err = fmt.Errorf("frame control %#04x is not of a management frame", uint16(header.FC))
	}
	if err != nil {
		f.fail(err)
		return Frame{}, nil
	}
	return Frame{Raw: raw, Header: header}, body
}

func eventAuthenticate(f *fields) Body {
	if f.has(attrTimedOut) {
		return AuthTimeout{f.addr(attrMAC)}
	}
	frame, body := managementFrame(f)
	auth, err := dot11.ParseAuthBody(body)
	if err != nil {
		f.fail(err)
	}
	return Authenticated{Frame: frame, Auth: auth}
}

// assocResponseFields is how long what stands before the elements is, and
// reasonFields likewise.
const (
	assocResponseFields = 6
	reasonFields        = 2
)

func eventAssociate(f *fields) Body {
	if f.has(attrTimedOut) {
		return AssocTimeout{f.addr(attrMAC)}
	}
	frame, body := managementFrame(f)
	response, err := dot11.ParseAssocResponseBody(body)
	if err != nil && len(body) < assocResponseFields {
		f.fail(err)
	}
	return Associated{
		Frame:         frame,
		Response:      response,
		Damage:        err,
		Request:       f.octets(attrReqIE),
		Reassociation: frame.Header.FC.Kind() == dot11.ReassocResponse,
	}
}

func eventComeback(f *fields) Body {
	return AssocComeback{
		Addr:  f.addr(attrMAC),
		After: time.Duration(f.u32(attrTimeout).Value) * time.Millisecond,
	}
}

func eventLeave(f *fields) Leave {
	frame, body := managementFrame(f)
	reason, err := dot11.ParseReasonBody(body)
	if err != nil && len(body) < reasonFields {
		f.fail(err) // the elements behind the reason say nothing that is used
	}
	return Leave{
		Frame:     frame,
		Reason:    reason.Reason,
		Local:     frame.Header.Addr2 != frame.Header.Addr3,
		Reconnect: f.has(attrReconnectRequested),
	}
}

func eventConnect(f *fields) Body {
	return Connected{
		AP:        f.addr(attrMAC),
		Status:    dot11.StatusCode(f.u16(attrStatusCode)),
		TimedOut:  f.has(attrTimedOut),
		TimeoutIn: TimeoutReason(f.u32(attrTimeoutReason).Value),
		Links:     connectedLinks(f),
		Request:   f.octets(attrReqIE),
		Response:  f.octets(attrRespIE),
	}
}

func connectedLinks(f *fields) []ConnectedLink {
	var links []ConnectedLink
	f.each(attrMLOLinks, func(d *decoder) {
		var link ConnectedLink
		for n := d.nested(); n.next(); {
			switch n.kind {
			case attrMLOLinkID:
				link.ID = n.u8()
			case attrBSSID:
				link.BSSID = n.addr()
			case attrMAC:
				link.Local = n.addr()
			}
		}
		links = append(links, link)
	})
	return links
}

func eventRoam(f *fields) Body {
	return Roamed{
		AP:       f.addr(attrMAC),
		Links:    connectedLinks(f),
		Request:  f.octets(attrReqIE),
		Response: f.octets(attrRespIE),
	}
}

func eventDisconnect(f *fields) Body {
	return Disconnected{
		Reason:   dot11.ReasonCode(f.u16(attrReasonCode)),
		ByAP:     f.has(attrDisconnectedByAP),
		Elements: f.octets(attrIE),
	}
}

func eventLinksRemoved(f *fields) Body {
	var ids []uint8
	for _, link := range connectedLinks(f) {
		ids = append(ids, link.ID)
	}
	return LinksRemoved{ids}
}

func eventLinksReconfigured(f *fields) Body {
	body := LinksReconfigured{Links: connectedLinks(f)}
	if f.has(attrFrame) {
		body.Frame, _ = managementFrame(f)
	}
	return body
}

func eventChannelSwitch(f *fields, started bool) Body {
	s := ChannelSwitch{
		Link:    f.u8(attrMLOLinkID),
		Started: started,
		Count:   int(f.u32(attrChSwitchCount).Value),
		Quiet:   f.has(attrChSwitchBlockTx),
	}
	f.all(func(d *decoder) { s.Channel.take(d) })
	return s
}

// Attributes of connection quality (kernel, enum nl80211_attr_cqm).
const (
	cqmThresholdEvent  = 3
	cqmPacketLossEvent = 4
	cqmTxeRate         = 5
	cqmTxePackets      = 6
	cqmTxeInterval     = 7
	cqmBeaconLossEvent = 8
	cqmRSSILevel       = 9
)

// thresholdHigh is NL80211_CQM_RSSI_THRESHOLD_EVENT_HIGH.
const thresholdHigh = 1

// eventCQM tells the forms of the event apart by what they have.
func eventCQM(f *fields) Body {
	q := f.nested(attrCQM)
	switch {
	case q.has(cqmBeaconLossEvent):
		return BeaconLoss{}
	case q.has(cqmPacketLossEvent):
		return PacketLoss{Peer: f.addr(attrMAC), Packets: int(q.u32(cqmPacketLossEvent).Value)}
	case q.has(cqmThresholdEvent):
		change := SignalChange{Above: q.u32(cqmThresholdEvent).Value == thresholdHigh}
		if level := q.u32(cqmRSSILevel); level.Present {
			change.Level = dot11.Some(int(int32(level.Value)))
		}
		return change
	case q.has(cqmTxePackets):
		return TxErrors{
			Peer:     f.addr(attrMAC),
			Rate:     int(q.u32(cqmTxeRate).Value),
			Packets:  int(q.u32(cqmTxePackets).Value),
			Interval: time.Duration(q.u32(cqmTxeInterval).Value) * time.Second,
		}
	}
	return nil
}

func eventControlPort(f *fields) Body {
	return ControlPortFrame{
		Src:       f.addr(attrMAC),
		EtherType: f.u16(attrControlPortEthertype),
		Payload:   f.octets(attrFrame),
		Clear:     f.has(attrControlPortNoEncrypt),
		Link:      f.u8(attrMLOLinkID),
	}
}

func eventSent(f *fields) Sent {
	return Sent{Cookie: f.u64(attrCookie).Value, Acked: f.has(attrAck), Raw: f.octets(attrFrame)}
}

func eventFrame(f *fields) Body {
	frame, _ := managementFrame(f)
	r := FrameReceived{Frame: frame, Freq: int(f.u32(attrWiphyFreq).Value), Link: f.u8(attrMLOLinkID)}
	if signal := f.u32(attrRxSignalDBM); signal.Present {
		r.Signal = dot11.Some(int(int32(signal.Value)))
	}
	return r
}

func eventOnChannel(f *fields) Body {
	return OnChannel{
		Cookie:   f.u64(attrCookie).Value,
		Freq:     int(f.u32(attrWiphyFreq).Value),
		Duration: time.Duration(f.u32(attrDuration).Value) * time.Millisecond,
	}
}

func eventOffChannel(f *fields) Body {
	return OffChannel{Cookie: f.u64(attrCookie).Value, Freq: int(f.u32(attrWiphyFreq).Value)}
}

func eventMichael(f *fields) Body {
	return MichaelMICFailure{
		Addr:  f.addr(attrMAC),
		Type:  KeyType(f.u32(attrKeyType).Value),
		Index: f.u8(attrKeyIdx),
	}
}

func eventVendor(f *fields) Body {
	return Vendor{
		OUI:  f.u32(attrVendorID).Value,
		Sub:  f.u32(attrVendorSubcmd).Value,
		Data: f.octets(attrVendorData),
	}
}
