package dot11

// Modes of channel switches.
const (
	SwitchFree   uint8 = 0 // stations may transmit until the switch
	SwitchSilent uint8 = 1 // they may not
)

// ChannelSwitch announces that the BSS moves within its operating class (IEEE
// 802.11-2020, 9.4.2.18), number ElementChannelSwitch.
type ChannelSwitch struct {
	Mode    uint8 // SwitchFree, SwitchSilent
	Channel uint8 // number of the new primary channel
	Count   uint8 // beacons before the switch; 0: any time, 1: just before the next
}

// ParseChannelSwitch reads the body of a Channel Switch Announcement element.
func ParseChannelSwitch(body []byte) (ChannelSwitch, error) {
	c := cursor{rest: body}
	s := ChannelSwitch{Mode: c.u8(), Channel: c.u8(), Count: c.u8()}
	if err := c.err("channel switch announcement"); err != nil {
		return ChannelSwitch{}, err
	}
	return s, nil
}

// Append adds the body of the element, without its header, to b.
func (s ChannelSwitch) Append(b []byte) []byte { return append(b, s.Mode, s.Channel, s.Count) }

// Element returns the element to be sent.
func (s ChannelSwitch) Element() Element {
	return Element{ID: ElementChannelSwitch, Body: s.Append(nil)}
}

// ExtChannelSwitch announces that the BSS moves (IEEE 802.11-2020, 9.4.2.52),
// number ElementExtChannelSwitch.
type ExtChannelSwitch struct {
	Mode    uint8 // SwitchFree, SwitchSilent
	Class   uint8 // operating class
	Channel uint8 // number of the new primary channel
	Count   uint8 // beacons before the switch; 0: any time, 1: just before the next
}

// ParseExtChannelSwitch reads the body of an Extended Channel Switch
// Announcement element.
func ParseExtChannelSwitch(body []byte) (ExtChannelSwitch, error) {
	c := cursor{rest: body}
	s := ExtChannelSwitch{Mode: c.u8(), Class: c.u8(), Channel: c.u8(), Count: c.u8()}
	if err := c.err("extended channel switch announcement"); err != nil {
		return ExtChannelSwitch{}, err
	}
	return s, nil
}

// Append adds the body of the element, without its header, to b.
func (s ExtChannelSwitch) Append(b []byte) []byte {
	return append(b, s.Mode, s.Class, s.Channel, s.Count)
}

// Element returns the element to be sent.
func (s ExtChannelSwitch) Element() Element {
	return Element{ID: ElementExtChannelSwitch, Body: s.Append(nil)}
}

// MaxChannelSwitchTime is how long, in TU, the BSS is at most without a beacon
// while it switches; 24 bits (IEEE 802.11-2020, 9.4.2, Max Channel Switch Time
// element), number ExtMaxChannelSwitchTime.
type MaxChannelSwitchTime uint32

// ParseMaxChannelSwitchTime reads the body of a Max Channel Switch Time element.
func ParseMaxChannelSwitchTime(body []byte) (MaxChannelSwitchTime, error) {
	c := cursor{rest: body}
	t := MaxChannelSwitchTime(c.u24())
	return t, c.err("max channel switch time")
}

// Append adds the body of the element, without its header, to b.
func (t MaxChannelSwitchTime) Append(b []byte) []byte { return append24(b, uint32(t)) }

// Element returns the element to be sent.
func (t MaxChannelSwitchTime) Element() Element {
	return ExtElement(ExtMaxChannelSwitchTime, t.Append(nil))
}

// ChannelSwitchAction returns the Channel Switch Announcement action (IEEE
// 802.11-2020, 9.6.2.6): the announcement first, then what goes with it.
func ChannelSwitchAction(s ChannelSwitch, more Elements) ActionBody {
	b := s.Element().Append(nil)
	return ActionBody{Category: CategorySpectrum, Code: SpectrumChannelSwitch, Body: more.Append(b)}
}

// ParseChannelSwitchAction reads a Channel Switch Announcement action: the
// announcement, and the elements with it.
func ParseChannelSwitchAction(a ActionBody) (ChannelSwitch, Elements, error) {
	const what = "channel switch action"
	if err := a.is(CategorySpectrum, SpectrumChannelSwitch, what); err != nil {
		return ChannelSwitch{}, nil, err
	}
	elements, err := ParseElements(a.Body)
	if err != nil {
		return ChannelSwitch{}, nil, err
	}
	body, _ := elements.Find(ElementChannelSwitch)
	s, err := ParseChannelSwitch(body)
	return s, elements.Without(ElementChannelSwitch, 0), err
}

// ExtChannelSwitchAction returns the Extended Channel Switch Announcement action
// (IEEE 802.11-2020, 9.6.7.7): the fields, not the element, then what goes with
// them. It is a public action; with protected management frames it is sent to
// one station as CategoryProtectedDual.
func ExtChannelSwitchAction(s ExtChannelSwitch, more Elements) ActionBody {
	return ActionBody{Category: CategoryPublic, Code: PublicExtChannelSwitch, Body: more.Append(s.Append(nil))}
}

// ParseExtChannelSwitchAction reads an Extended Channel Switch Announcement
// action, public or protected: the announcement, and the elements with it.
func ParseExtChannelSwitchAction(a ActionBody) (ExtChannelSwitch, Elements, error) {
	const what = "extended channel switch action"
	public := a
	if public.Category == CategoryProtectedDual {
		public.Category = CategoryPublic
	}
	if err := public.is(CategoryPublic, PublicExtChannelSwitch, what); err != nil {
		return ExtChannelSwitch{}, nil, err
	}
	c := cursor{rest: a.Body}
	s := ExtChannelSwitch{Mode: c.u8(), Class: c.u8(), Channel: c.u8(), Count: c.u8()}
	if err := c.err(what); err != nil {
		return ExtChannelSwitch{}, nil, err
	}
	elements, err := ParseElements(c.rest)
	return s, elements, err
}
