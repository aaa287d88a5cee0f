package machine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Names of knobs, which are their kinds in the undo log, too.
const (
	PowerSave    = "power-save"    // 802.11 power saving: on, off
	PowerControl = "power-control" // the device's runtime power management: auto, on (never asleep)
	RuntimePM    = "runtime-pm"    // mt76: 1, 0
	DeepSleep    = "deep-sleep"    // mt76: 1, 0
	IdleTimeout  = "idle-timeout"  // mt76: milliseconds until the chip dozes
	ASPMPolicy   = "aspm-policy"   // of the whole machine: default, performance, powersave, powersupersave
	ASPML0s      = "aspm-l0s"      // and those below: 1, 0
	ASPML1       = "aspm-l1"
	ASPML11      = "aspm-l1.1"
	ASPML12      = "aspm-l1.2"
	ClockPM      = "clock-pm"
	Interface    = "interface"    // up, down
	Driver       = "driver"       // the bound driver's name; empty: none
	Regulatory   = "regulatory"   // a country
	ActiveLinks  = "active-links" // a mask: 0x1, 0x3
	WoWLAN       = "wowlan"       // for what the radio wakes the machine: off, disconnect, magic, any
	MemSleep     = "mem-sleep"    // s2idle, shallow, deep
	WakeAlarm    = "wake-alarm"   // what wakes the machine: seconds since 1970, 0 for nothing
)

// kind is what all knobs of a name have in common. The undo log is a file: what
// it may ask for is bounded by what is here.
type kind struct {
	about string
	// allowed are the values that may be set.
	allowed func(string) bool
	// machine says that it is a knob of the machine and not of a card.
	machine bool
	// file is where the value is; nil: get and set know. A choice has all values in
	// the file, the present one in brackets.
	file   func(ctx context.Context, m *Machine, c Card) (string, error)
	choice bool
	get    func(ctx context.Context, m *Machine, c Card) (string, error)
	set    func(ctx context.Context, m *Machine, c Card, value string) error
	// settled says whether a value that was found after the setting of another is as
	// good; nil: it is not.
	settled func(want, found string) bool
	// moot says that the value from before has no meaning any more; nil: it always
	// has one.
	moot func(ctx context.Context, m *Machine, c Card, before string) bool
}

func oneOf(values ...string) func(string) bool {
	return func(v string) bool { return slices.Contains(values, v) }
}

// kinds are the knobs there are.
func kinds() map[string]kind {
	all := map[string]kind{
		PowerSave:    {about: "802.11 power saving", allowed: oneOf("on", "off"), get: getPowerSave, set: setPowerSave},
		PowerControl: {about: "runtime power management of the device", allowed: oneOf("auto", "on"), file: powerControl},
		RuntimePM:    {about: "runtime power management of the driver (mt76)", allowed: oneOf("0", "1"), file: mt76File("runtime-pm")},
		DeepSleep:    {about: "deep sleep of the chip (mt76)", allowed: oneOf("0", "1"), file: mt76File("deep-sleep")},
		IdleTimeout:  {about: "time until the chip dozes (mt76)", allowed: milliseconds, file: mt76File("idle-timeout"), settled: nearly},
		ASPMPolicy:   {about: "ASPM of all PCIe links", allowed: oneOf("default", "performance", "powersave", "powersupersave"), machine: true, file: fixed(policyFile), choice: true},
		Interface:    {about: "the network interface", allowed: oneOf("up", "down"), get: getUp, set: setUp},
		Driver:       {about: "the driver bound to the device", allowed: driverOrNone, get: getDriver, set: setDriver},
		Regulatory:   {about: "the regulatory domain", allowed: country, machine: true, get: getRegulatory, set: setRegulatory},
		ActiveLinks:  {about: "the links in use", allowed: linkMask, get: getActiveLinks, set: setActiveLinks, moot: otherLinks},
		WoWLAN:       {about: "for what the radio wakes the machine", allowed: wakeName, get: getWoWLAN, set: setWoWLAN},
		MemSleep:     {about: "how deep the machine sleeps", allowed: oneOf("s2idle", "shallow", "deep"), machine: true, file: fixed(memSleepFile), choice: true},
		WakeAlarm:    {about: "when the clock wakes the machine", allowed: alarmTime, machine: true, get: getAlarm, set: setAlarm},
	}
	for name, file := range linkFiles() {
		all[name] = kind{about: "power saving of the PCIe link: " + file, allowed: oneOf("0", "1"), file: deviceFile("link", file)}
	}
	return all
}

// fixed is the file of a knob of the machine.
func fixed(name string) func(context.Context, *Machine, Card) (string, error) {
	return func(context.Context, *Machine, Card) (string, error) { return name, nil }
}

// deviceFile is a file of the card's device.
func deviceFile(elements ...string) func(context.Context, *Machine, Card) (string, error) {
	return func(_ context.Context, _ *Machine, c Card) (string, error) {
		return path.Join(append([]string{"sys", c.Device}, elements...)...), nil
	}
}

// Knob is something of a machine that can be turned.
type Knob struct {
	// Name is one of the constants, About what it is in words.
	Name, About string

	machine *Machine
	kind    kind
	card    Card
}

// Knob returns a card's knob of that name, or the machine's, whichever card is
// given.
func (m *Machine) Knob(name string, c Card) (*Knob, error) {
	k, ok := kinds()[name]
	if !ok {
		return nil, fmt.Errorf("there is no knob %q", name)
	}
	if k.machine {
		c = Card{}
	} else if err := c.check(); err != nil {
		return nil, fmt.Errorf("knob %s: %w", name, err)
	}
	return &Knob{Name: name, About: k.about, machine: m, kind: k, card: c}, nil
}

// Knobs returns all knobs of a card and of the machine, available or not, by
// name.
func (m *Machine) Knobs(c Card) ([]*Knob, error) {
	var out []*Knob
	for _, name := range slices.Sorted(maps.Keys(kinds())) {
		k, err := m.Knob(name, c)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

// Available reports why a knob cannot be turned; nil: it can, as far as can be
// told without turning it.
func (k *Knob) Available(ctx context.Context) error {
	value, err := k.Read(ctx)
	if err != nil {
		return err
	}
	if !k.kind.allowed(value) {
		return fmt.Errorf("%s is %q, which could not be set again", k.Name, value)
	}
	if k.kind.file == nil {
		return nil
	}
	name, err := k.kind.file(ctx, k.machine, k.card)
	if err != nil {
		return fmt.Errorf("%s: %w", k.Name, err)
	}
	if err := k.machine.writable(name); err != nil {
		return fmt.Errorf("%s: %w", k.Name, err)
	}
	return nil
}

// Read returns how a knob stands.
func (k *Knob) Read(ctx context.Context) (string, error) {
	value, err := k.get(ctx)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", k.Name, err)
	}
	return value, nil
}

func (k *Knob) get(ctx context.Context) (string, error) {
	if k.kind.file == nil {
		return k.kind.get(ctx, k.machine, k.card)
	}
	name, err := k.kind.file(ctx, k.machine, k.card)
	if err != nil {
		return "", err
	}
	text, err := k.machine.read(ctx, name)
	if err == nil && k.kind.choice {
		return chosen(text)
	}
	return text, err
}

// chosen is the word in brackets.
func chosen(text string) (string, error) {
	_, rest, ok := strings.Cut(text, "[")
	word, _, closed := strings.Cut(rest, "]")
	if !ok || !closed || word == "" {
		return "", fmt.Errorf("nothing is chosen in %q", text)
	}
	return word, nil
}

// Turn sets a knob, after the log has how it stood. A knob that stands there
// already is left alone. Whether the kernel did it is looked at afterwards.
func (k *Knob) Turn(ctx context.Context, log *Log, value string) error {
	if !k.kind.allowed(value) {
		return fmt.Errorf("set %s: %q is no value of it", k.Name, value)
	}
	before, err := k.Read(ctx)
	if err != nil {
		return err
	}
	if before == value {
		return nil
	}
	if !k.kind.allowed(before) {
		return fmt.Errorf("set %s: it is %q, which could not be set again", k.Name, before)
	}
	return log.Do(ctx, k.change(before, value), func(ctx context.Context) error { return k.put(ctx, value) })
}

// Keep writes down how a knob stands, because something else is about to change
// it.
func (k *Knob) Keep(ctx context.Context, log *Log) error {
	before, err := k.Read(ctx)
	if err != nil || !k.kind.allowed(before) {
		return err
	}
	return log.Do(ctx, k.change(before, ""), func(context.Context) error { return nil })
}

func (k *Knob) change(before, value string) Change {
	c := Change{Kind: k.Name, Before: before, What: fmt.Sprintf("%s: %q, was %q", k.About, value, before)}
	if value == "" {
		c.What = fmt.Sprintf("%s: was %q", k.About, before)
	}
	if !k.kind.machine {
		c.Args = k.card.args()
		if k.card.Name != "" {
			c.What = k.card.Name + ": " + c.What
		}
	}
	return c
}

// put sets a value and sees whether it holds.
func (k *Knob) put(ctx context.Context, value string) error {
	if err := k.set(ctx, value); err != nil {
		return err
	}
	found, err := k.get(ctx)
	if err != nil {
		return fmt.Errorf("read what was set: %w", err)
	}
	if found != value && (k.kind.settled == nil || !k.kind.settled(value, found)) {
		return fmt.Errorf("the kernel took %q, but it is %q", value, found)
	}
	return nil
}

func (k *Knob) set(ctx context.Context, value string) error {
	if k.kind.file == nil {
		return k.kind.set(ctx, k.machine, k.card, value)
	}
	name, err := k.kind.file(ctx, k.machine, k.card)
	if err != nil {
		return err
	}
	return k.machine.write(ctx, name, value)
}

// Undoers are the functions that undo what knobs and Trace changed, for [Log.Undo].
func (m *Machine) Undoers() map[string]Undo {
	table := map[string]Undo{TraceInstance: m.undoInstance, DynamicDebug: m.undoMessages}
	for name := range kinds() {
		table[name] = m.undo
	}
	return table
}

func (m *Machine) undo(ctx context.Context, c Change) error {
	var card Card
	var err error
	if !kinds()[c.Kind].machine {
		if card, err = cardOf(c.Args); err != nil {
			return err
		}
	}
	k, err := m.Knob(c.Kind, card)
	if err != nil {
		return err
	}
	if !k.kind.allowed(c.Before) {
		return fmt.Errorf("%q is no value of %s", c.Before, k.Name)
	}
	if k.kind.moot != nil && k.kind.moot(ctx, m, card, c.Before) {
		return nil
	}
	now, err := k.get(ctx)
	if err != nil {
		return err
	}
	if now == c.Before {
		return nil
	}
	if err := k.put(ctx, c.Before); err != nil {
		return errors.Join(err, ctx.Err())
	}
	return nil
}
