package incident

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"roamfault/patterns"
	"roamfault/patterns/decode"
)

// words writes the title (what failed and how it ended), the summary (where it
// began, which layer, how long) and the advice for people.
func words(i *Incident, in *building) (title, summary string, advice []string) {
	title = failure(i)
	if name, ok := phaseNames[i.Phase]; ok {
		title += name
	}
	if i.Worst != i.Root && i.Worst.Severity == patterns.Fatal {
		info, _ := i.Worst.Class.Info()
		title += ", then " + info.Meaning
		if fn := i.Worst.Fields.Get("func"); fn != "" {
			title += " (" + fn + ")"
		}
	}
	title += ": " + ending(i)

	var s []string
	if i.Trigger != i.Root {
		s = append(s, fmt.Sprintf("It began with %s.", told(i.Trigger)))
	}
	s = append(s, fmt.Sprintf("The failure is named by %s.", told(i.Root)))
	if len(i.Dead) > 1 {
		s = append(s, fmt.Sprintf("%d commands were not answered: %s.", len(i.Dead), strings.Join(shorten(i.Dead, 8), ", ")))
	}
	if i.CutShort > 0 {
		s = append(s, fmt.Sprintf("%s returned at once because a reset was under way.", count(i.CutShort, "time-out", "time-outs")))
	}
	if i.SeqGaps > 0 {
		s = append(s, fmt.Sprintf("The sequence numbers leave out %d: other commands were still answered in between.", i.SeqGaps))
	}
	if i.Tier > 0 {
		s = append(s, fmt.Sprintf("Recovery went up to tier %d.", i.Tier))
	}
	if i.Reached != "" || i.NotReached != "" {
		s = append(s, ladderWords(i))
	}
	s = append(s, layerWords(i))
	return title, strings.Join(s, " "), adviceFor(i, in)
}

// failure names what failed.
func failure(i *Incident) string {
	r := i.Root
	info, _ := r.Class.Info()
	switch r.Class {
	case patterns.MCUTimeout:
		if cmd := r.Fields.Get("cmd"); cmd != "" {
			return fmt.Sprintf("%s did not answer %s", subject(i), commandName(cmd))
		}
	case patterns.KernelOops, patterns.KernelWarning, patterns.HungTask:
		if fn := r.Fields.Get("func"); fn != "" {
			return fmt.Sprintf("%s in %s", map[patterns.Class]string{patterns.KernelOops: "kernel oops", patterns.KernelWarning: "kernel warning", patterns.HungTask: "hung task"}[r.Class], fn)
		}
	case patterns.DeauthByAP:
		if reason := r.Fields.Get("reason"); reason != "" {
			return "the AP ended the connection (reason " + reason + ")"
		}
	case patterns.AuthRejected, patterns.AssocRejected:
		if status := r.Fields.Get("status"); status != "" {
			return info.Meaning + " (status " + status + ")"
		}
	}
	return info.Meaning
}

func subject(i *Incident) string {
	if i.Chip != "" && i.Chip != "wifi" {
		return i.Chip
	}
	return "the chip"
}

var phaseNames = map[string]string{
	"boot": " at start-up", "idle": " while connected", "scan": " during a scan", "connect": " while connecting",
	"roam": " during a roam", "suspend": " in suspend or resume", "reset": " during a reset",
}

// ending says how it ended, and what it cost where that is known.
func ending(i *Incident) string {
	switch i.Outcome {
	case Recovered:
		if i.HasOutage {
			return "recovered, gone for " + Duration(i.Outage)
		}
		return "recovered"
	case ResetOnly:
		if i.HasRecovery {
			return "the device came back after " + Duration(i.Recovery) + ", no new association seen"
		}
		return "the device came back, no new association seen"
	case Failed:
		return "given up" + atLeast(i)
	case FatalEnd:
		return "needs a reboot"
	}
	return "no end in this log" + atLeast(i)
}

func atLeast(i *Incident) string {
	if i.HasLasted && i.Lasted >= time.Second {
		return ", at least " + Duration(i.Lasted)
	}
	return ""
}

// told describes one event in a sentence.
func told(e *Event) string {
	info, _ := e.Class.Info()
	text := fmt.Sprintf("%s at %s", e.Class, e.Place())
	var extra []string
	if cmd := e.Fields.Get("cmd"); cmd != "" {
		if c, ok := decode.ParseMCUCommand(cmd); ok && c.Known() {
			extra = append(extra, fmt.Sprintf("%s is %s: %s", cmd, c, c.Doing()))
		} else {
			extra = append(extra, cmd)
		}
	}
	if errno := e.Fields.Get("errno"); errno != "" {
		if n, ok := decode.ParseErrno(errno); ok {
			extra = append(extra, n.String())
		}
	}
	if len(extra) == 0 {
		extra = append(extra, info.Meaning)
	}
	return text + " (" + strings.Join(extra, ", ") + ")"
}

func layerWords(i *Incident) string {
	names := map[Layer]string{
		LayerDevice: "between driver and firmware: a command without an answer convicts neither", LayerFirmware: "the firmware", LayerDriver: "the driver",
		LayerMac80211: "mac80211 and cfg80211", LayerSupplicant: "the supplicant", LayerAP: "the access point", LayerBus: "the bus or the device's power",
		LayerKernel: "the kernel outside of Wi-Fi code", LayerUnknown: "undecided: AP, air and chip look the same from here",
	}
	return fmt.Sprintf("Layer: %s (%s confidence).", names[i.Layer], i.Confidence)
}

func ladderWords(i *Incident) string {
	switch {
	case i.Reached == "":
		return fmt.Sprintf("Bring-up: stage %s was not reached.", i.NotReached)
	case i.NotReached == "":
		return fmt.Sprintf("Bring-up: the last stage reached is %s.", i.Reached)
	}
	return fmt.Sprintf("Bring-up: the last stage reached is %s, the first not reached is %s.", i.Reached, i.NotReached)
}

// adviceFor collects the advice of the events' patterns, the root's first.
func adviceFor(i *Incident, in *building) []string {
	var out []string
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) && len(out) < 4 {
			out = append(out, s)
		}
	}
	add(i.Root.advice)
	if i.Worst.Severity == patterns.Fatal {
		add(i.Worst.advice)
	}
	if i.Trigger.Class != i.Root.Class {
		add(i.Trigger.advice)
	}
	add(generalAdvice[i.Layer])
	return out
}

// generalAdvice is what helps with any failure of a layer.
var generalAdvice = map[Layer]string{
	LayerDevice:     "Note kernel, driver and firmware version, and test the newest linux-firmware and kernel; with the failure repeated, this report says to the driver's maintainers which command died first.",
	LayerFirmware:   "Install the newest linux-firmware (or the one before, if it began with an update) and power the machine off once, not only reboot it: the chip keeps its state over a warm start.",
	LayerDriver:     "Test the newest stable kernel; report the first splat or error with kernel version and taint to the driver's maintainers.",
	LayerMac80211:   "Report to linux-wireless with the lines below; a log of wpa_supplicant (-dd) for the same minute helps.",
	LayerSupplicant: "Note the supplicant's version, and repeat with its debug log (wpa_supplicant -dd).",
	LayerAP:         "Look at the AP's own log for the same minute; test another AP or AP firmware before blaming the card.",
	LayerBus:        "Look for power saving of the bus: test once with pcie_aspm=off, and power the machine off instead of rebooting.",
	LayerUnknown:    "Take the supplicant's log and, if there is one, the AP's log for the same minute: the kernel's lines alone cannot tell AP, air and chip apart.",
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func shorten(list []string, n int) []string {
	if len(list) <= n {
		return list
	}
	return append(slices.Clone(list[:n]), fmt.Sprintf("and %d more", len(list)-n))
}

// Duration writes a duration for people: "2.7 s", "850 ms", "3 min 20 s".
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	case d < time.Hour:
		return strings.TrimSuffix(fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60), " 0 s")
	}
	return strings.TrimSuffix(fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60), " 0 min")
}
