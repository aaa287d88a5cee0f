package doctor

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
)

// checkFirmware looks at what runs and at its file: a chip that is reset reads
// the file again.
func (m *machine) checkFirmware(context.Context) []Result {
	var out []Result
	for _, c := range m.real() {
		r := m.checkCardFirmware(&c)
		r.Subject = c.device
		out = append(out, r)
	}
	if len(out) == 0 {
		return noCard()
	}
	return out
}

func (m *machine) checkCardFirmware(c *card) Result {
	running := m.runningFirmware(c)
	wanted := m.wantedFirmware(c)
	there := ""
	for _, w := range wanted {
		if there = m.firmwareFile(w); there != "" {
			break
		}
	}
	detail := "the driver does not say which runs"
	if running != "" {
		detail = "running is " + running
	}
	install := "install the firmware package that has it: linux-firmware, on Debian firmware-mediatek, firmware-iwlwifi, firmware-atheros or firmware-realtek"
	switch {
	case there != "":
		return Result{State: OK, Detail: detail + "; file /" + there}
	case len(wanted) == 0 && running != "":
		return Result{State: OK, Detail: detail}
	case len(wanted) == 0:
		return Result{State: Unknown, Detail: detail + ", nor which it wants", Advice: "see driver"}
	case !m.readable("lib/firmware"):
		return Result{State: Unknown, Detail: detail + "; /lib/firmware cannot be read", Advice: "run roamfault doctor as root"}
	case running != "" || len(c.radios) > 0:
		return Result{State: Warning, Detail: fmt.Sprintf("%s, but its file is not there (%s): after a reset the chip would stay without", detail, some(wanted)), Advice: install}
	}
	return Result{State: Missing, Detail: "no file below /lib/firmware: " + some(wanted), Advice: install}
}

// some names a few of a list.
func some(list []string) string {
	const most = 3
	if len(list) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	return strings.Join(list, ", ")
}

func (m *machine) readable(dir string) bool {
	_, err := m.names(dir)
	return !forbidden(err)
}

// runningFirmware asks the driver by way of the card's interfaces.
func (m *machine) runningFirmware(c *card) string {
	if m.Firmware == nil {
		return ""
	}
	for _, iface := range m.interfaces(c) {
		// A driver that does not answer, and one that answers N/A, know nothing.
		version, err := m.Firmware(iface)
		if version = strings.TrimSpace(version); err == nil && version != "" && version != "N/A" {
			return version
		}
	}
	return ""
}

// wantedFirmware returns the files that will do: that of the chip, or any of those
// that the driver names.
func (m *machine) wantedFirmware(c *card) []string {
	for _, chip := range c.chips {
		if chip.Firmware != "" {
			return []string{chip.Firmware}
		}
	}
	driver := c.driver
	if driver == "" {
		driver, _ = m.moduleFor(c.modalias) // without one there is nothing to name files
	}
	if driver == "" || m.modules.err != nil {
		return nil
	}
	var out []string
	for _, name := range append([]string{driver}, m.modules.files[driver].depends...) {
		if file := m.modules.files[name].path; file != "" && len(out) < mostFirmware {
			out = append(out, m.info(file).firmware...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// firmwareFile returns where the kernel would find a file, "" where it would not
// (drivers/base/firmware_loader/main.c, fw_path).
func (m *machine) firmwareFile(name string) string {
	dirs := []string{"lib/firmware/updates/" + m.release, "lib/firmware/updates", "lib/firmware/" + m.release, "lib/firmware"}
	if own := strings.Trim(m.text("sys/module/firmware_class/parameters/path"), "/"); own != "" {
		dirs = append([]string{own}, dirs...)
	}
	for _, dir := range dirs {
		for _, suffix := range []string{"", ".zst", ".xz"} {
			if file := path.Join(dir, name) + suffix; m.has(file) {
				return file
			}
		}
	}
	return ""
}
