package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"roamfault/journal"
	"roamfault/reports/incident"
)

// layerNames say in a few words what a layer is.
var layerNames = map[incident.Layer]string{
	incident.LayerDevice:     "between driver and firmware",
	incident.LayerFirmware:   "the chip's firmware",
	incident.LayerDriver:     "the card's driver",
	incident.LayerMac80211:   "the kernel's Wi-Fi stack",
	incident.LayerSupplicant: "the supplicant",
	incident.LayerAP:         "the access point",
	incident.LayerBus:        "the bus or the card's power",
	incident.LayerKernel:     "the kernel outside of Wi-Fi",
	incident.LayerUnknown:    "AP, air and card look the same from here",
}

// outcomeNames say how an incident ended.
var outcomeNames = map[incident.Outcome]string{
	incident.Recovered: "recovered: associated again",
	incident.ResetOnly: "reset-only: the card is back, no association seen",
	incident.Failed:    "failed: given up",
	incident.FatalEnd:  "fatal: needs a reboot",
	incident.Open:      "open: the log ends, or falls silent, before it does",
}

// layer names the layer to blame with its confidence.
func layer(i *incident.Incident) string {
	text := fmt.Sprintf("%s (%s confidence)", i.Layer, i.Confidence)
	if name := layerNames[i.Layer]; name != "" {
		text += ": " + name
	}
	return Clean(text)
}

// outage tells how long the connection was gone.
func outage(i *incident.Incident) string {
	switch {
	case i.HasOutage:
		return incident.Duration(i.Outage)
	case i.Outcome == incident.Recovered:
		return "unknown: the clocks of this log do not tell"
	case i.HasLasted && i.Lasted >= time.Second:
		return "at least " + incident.Duration(i.Lasted) + ", not seen to come back"
	}
	return "unknown, not seen to come back"
}

// outages sums what the incidents cost.
type outages struct {
	known, unknown int
	total          time.Duration
}

func (o *outages) add(i *incident.Incident) {
	if !i.HasOutage {
		o.unknown++
		return
	}
	o.known++
	o.total += i.Outage
}

// String tells the sum over several incidents, "" when nothing is known.
func (o *outages) String() string {
	all := o.known + o.unknown
	switch {
	case o.known == 0:
		return ""
	case o.unknown == 0:
		return fmt.Sprintf("%s in all %d incidents", incident.Duration(o.total), all)
	}
	return fmt.Sprintf("%s in the %d of %d incidents where it is known", incident.Duration(o.total), o.known, all)
}

// table returns what is known of an incident, by name, clean.
func table(i *incident.Incident, extra []Fact) []Fact {
	var out []Fact
	add := func(name, value string) {
		if value != "" {
			out = append(out, Fact{name, Clean(clip(value, longestText))})
		}
	}
	add("Layer", layer(i))
	add("Phase", phase(i))
	add("Outcome", cmp.Or(outcomeNames[i.Outcome], string(i.Outcome)))
	add("Wi-Fi gone", outage(i))
	if i.HasRecovery {
		add("Card back", "after "+incident.Duration(i.Recovery))
	}
	add("Device", i.Device)
	if i.Chip != unknownChip {
		add("Chip", i.Chip)
	}
	add("Firmware", firmware(i.Firmware))
	for _, f := range extra {
		add(Clean(f.Name), f.Value)
	}
	add("Bring-up", ladder(i))
	if i.Tier > 0 {
		add("Recovery", fmt.Sprintf("tier %d", i.Tier))
	}
	if len(i.Dead) > 0 {
		add("Unanswered", commands(i.Dead))
	}
	if i.SeqGaps > 0 || i.CutShort > 0 {
		add("Between them", between(i))
	}
	add("Time", span(i))
	add("Log", lines(i))
	add("Events", events(i))
	return out
}

// unknownChip is what an incident has for a chip that the log does not name.
const unknownChip = "wifi"

func phase(i *incident.Incident) string {
	switch {
	case i.From != "" && i.To != "":
		return fmt.Sprintf("%s, from %s to %s", i.Phase, i.From, i.To)
	case i.To != "":
		return fmt.Sprintf("%s, to %s", i.Phase, i.To)
	}
	return i.Phase
}

func firmware(versions map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(versions)) {
		parts = append(parts, strings.TrimSpace(name+" "+versions[name]))
	}
	return strings.Join(parts, ", ")
}

func ladder(i *incident.Incident) string {
	switch {
	case i.Reached != "" && i.NotReached != "":
		return fmt.Sprintf("reached %s, not %s", i.Reached, i.NotReached)
	case i.Reached != "":
		return "reached " + i.Reached
	case i.NotReached != "":
		return "did not reach " + i.NotReached
	}
	return ""
}

// commands lists the unanswered commands, a run of the same one as one.
func commands(dead []string) string {
	var parts []string
	for n := 0; n < len(dead); {
		same := 1
		for n+same < len(dead) && dead[n+same] == dead[n] {
			same++
		}
		text := dead[n]
		if same > 1 {
			text += fmt.Sprintf(" %d times", same)
		}
		if len(parts) == 8 {
			parts = append(parts, fmt.Sprintf("and %d more", len(dead)-n))
			break
		}
		parts = append(parts, text)
		n += same
	}
	return strings.Join(parts, ", ")
}

func between(i *incident.Incident) string {
	var parts []string
	if i.SeqGaps > 0 {
		parts = append(parts, plural(i.SeqGaps, "command was", "commands were")+" answered, by the sequence numbers")
	}
	if i.CutShort > 0 {
		parts = append(parts, plural(i.CutShort, "time-out", "time-outs")+" cut short by a reset")
	}
	return strings.Join(parts, "; ")
}

func span(i *incident.Incident) string {
	first, last := when(i.First), when(i.Last)
	if first == "" || last == "" || first == last {
		return cmp.Or(first, last)
	}
	if i.First.Time.WallClock() == journal.ClockNone && i.Last.Time.WallClock() == journal.ClockNone {
		return clock(i.First) + " s to " + last
	}
	if day(i.First) == day(i.Last) {
		last = clock(i.Last)
	}
	return first + " to " + last
}

func lines(i *incident.Incident) string {
	file := ""
	if i.First != nil && i.First.Origin.File != "" {
		file = i.First.Origin.File + ", "
	}
	if i.FirstLine == i.LastLine {
		return fmt.Sprintf("%sline %d", file, i.FirstLine)
	}
	return fmt.Sprintf("%slines %d to %d", file, i.FirstLine, i.LastLine)
}

func events(i *incident.Incident) string {
	text := plural(i.Total, "event", "events")
	if i.Facts > 0 && i.Facts != i.Total {
		text += ", " + plural(i.Facts, "fact", "facts")
	}
	return text
}

// steps tells the steps of a recovery, clean.
func steps(i *incident.Incident) []string {
	var out []string
	for _, s := range i.Steps {
		text := fmt.Sprintf("tier %d, after %s: %s", s.Tier, incident.Duration(s.After), Clean(clip(s.Text, longestText)))
		out = append(out, text)
	}
	return out
}

// advice returns what to do, clean.
func advice(i *incident.Incident) []string {
	var out []string
	for _, a := range i.Advice {
		out = append(out, Clean(strings.Join(strings.Fields(a), " ")))
	}
	return out
}
