package machine

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// policyFile is the policy of all links (drivers/pci/pcie/aspm.c,
// pcie_aspm_set_policy). Kernels that leave ASPM to the firmware refuse it.
const policyFile = "sys/module/pcie_aspm/parameters/policy"

// linkFiles are the files of a device's own link (Documentation/ABI/testing/
// sysfs-bus-pci), by knob. A device has those that its link can do.
func linkFiles() map[string]string {
	return map[string]string{ASPML0s: "l0s_aspm", ASPML1: "l1_aspm", ASPML11: "l1_1_aspm", ASPML12: "l1_2_aspm", ClockPM: "clkpm"}
}

// ASPM is what power saving is enabled on the device's side of a PCIe link.
type ASPM struct {
	L0s, L1, L11, L12, ClockPM bool
	// CanL0s and CanL1 are what the device could do.
	CanL0s, CanL1 bool
}

// String names the states that are enabled: "L1 L1.2".
func (a ASPM) String() string {
	var on []string
	for _, s := range []struct {
		name string
		on   bool
	}{{"L0s", a.L0s}, {"L1", a.L1}, {"L1.1", a.L11}, {"L1.2", a.L12}, {"ClockPM", a.ClockPM}} {
		if s.on {
			on = append(on, s.name)
		}
	}
	if on == nil {
		return "disabled"
	}
	return strings.Join(on, " ")
}

// mostConfig is the size of a device's configuration space.
const mostConfig = 4096

// ASPM reads what is enabled from a PCI device's configuration space, as lspci(8)
// does. That takes root, and works where the kernel shows no knob.
func (m *Machine) ASPM(ctx context.Context, c Card) (ASPM, error) {
	name := path.Join("sys", c.Device, "config")
	b, err := awaits(ctx, "read /"+name, func() ([]byte, error) {
		f, err := os.Open(m.path(name))
		if err != nil {
			return nil, plain(err, name)
		}
		defer f.Close()
		return io.ReadAll(io.LimitReader(f, mostConfig))
	})
	if err != nil {
		return ASPM{}, fmt.Errorf("read the state of the PCIe link: %w", err)
	}
	a, err := parseASPM(b)
	if err != nil {
		return a, fmt.Errorf("read the state of the PCIe link: %w", err)
	}
	return a, nil
}

// Places in the configuration space (include/uapi/linux/pci_regs.h).
const (
	pciStatus      = 0x06
	pciCapList     = 0x34
	pciHeader      = 0x40 // what everybody may read
	statusCapList  = 0x10
	capExpress     = 0x10
	linkCap        = 0x0c // within the capability
	linkControl    = 0x10
	extended       = 0x100
	extL1Substates = 0x1e
	l1Control      = 0x08
)

func parseASPM(b []byte) (ASPM, error) {
	if len(b) <= pciHeader {
		return ASPM{}, errors.New("only the head of the configuration space can be read: run as root")
	}
	at := capability(b, capExpress)
	if at == 0 || at+linkControl+2 > len(b) {
		return ASPM{}, errors.New("it is no PCI Express device")
	}
	can := binary.LittleEndian.Uint32(b[at+linkCap:])
	control := binary.LittleEndian.Uint16(b[at+linkControl:])
	if control == 0xffff {
		return ASPM{}, errors.New("the device does not answer: all that is read are ones")
	}
	a := ASPM{
		L0s: control&1 != 0, L1: control&2 != 0, ClockPM: control&(1<<8) != 0,
		CanL0s: can&(1<<10) != 0, CanL1: can&(1<<11) != 0,
	}
	if at := extendedCapability(b, extL1Substates); at != 0 && at+l1Control+4 <= len(b) {
		sub := binary.LittleEndian.Uint32(b[at+l1Control:])
		a.L12, a.L11 = sub&(1<<2) != 0, sub&(1<<3) != 0
	}
	return a, nil
}

// mostCapabilities ends a list that goes in a circle.
const mostCapabilities = 64

func capability(b []byte, id byte) int {
	if b[pciStatus]&statusCapList == 0 {
		return 0
	}
	at := int(b[pciCapList]) &^ 3
	for range mostCapabilities {
		if at < pciHeader || at+2 > len(b) {
			return 0
		}
		if b[at] == id {
			return at
		}
		at = int(b[at+1]) &^ 3
	}
	return 0
}

func extendedCapability(b []byte, id uint32) int {
	at := extended
	for range mostCapabilities {
		if at < extended || at+4 > len(b) {
			return 0
		}
		head := binary.LittleEndian.Uint32(b[at:])
		if head&0xffff == id {
			return at
		}
		at = int(head>>20) &^ 3
	}
	return 0
}
