package guest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"roamfault/roam/lab/guest/agent"
)

// accelerators are QEMU's arguments for each.
var accelerators = map[string][]string{
	AccelTCG:      {"-accel", "tcg,thread=single", "-cpu", "max"},
	AccelTCGMulti: {"-accel", "tcg,thread=multi", "-cpu", "max"},
	AccelKVM:      {"-accel", "kvm", "-cpu", "host"},
}

// commandLine is the kernel's. A panic ends the machine at once (and QEMU, by
// -no-reboot). Self-tests of ciphers, a noise source that is not needed, and the
// mitigations take most of a second under TCG.
const commandLine = "console=ttyS0 quiet panic=-1 rdinit=" + agent.InitPath +
	" mitigations=off cryptomgr.notests initcall_blacklist=crypto_kdf108_init,jent_mod_init" +
	" random.trust_cpu=on audit=0"

// Descriptors QEMU inherits: the other end of the port, and the archive.
const (
	portFD    = 3
	archiveFD = 4
)

// qemuArguments returns QEMU's arguments for a guest of the options, whose
// defaults are set.
func qemuArguments(image *Image, o Options) ([]string, error) {
	accel, ok := accelerators[o.Accel]
	if !ok {
		return nil, fmt.Errorf("no accelerator %q", o.Accel)
	}
	args := append([]string{}, accel...)
	args = append(args,
		"-name", "roamfault-lab",
		"-machine", "q35,usb=off,vmport=off",
		"-m", strconv.Itoa(o.Memory),
		"-smp", strconv.Itoa(o.CPUs),
		"-nodefaults", "-no-user-config", "-no-reboot",
		"-display", "none", "-monitor", "none",
		"-rtc", "base=utc",
		"-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
		"-device", "virtio-serial-pci",
		"-chardev", fmt.Sprintf("socket,id=port,fd=%d", portFD),
		"-device", "virtserialport,chardev=port,name="+agent.PortName,
		"-kernel", image.Kernel,
		"-initrd", fmt.Sprintf("/proc/self/fd/%d", archiveFD),
		"-append", strings.TrimSpace(commandLine+" "+o.Append),
	)
	for i, d := range o.Disks {
		node, device, err := diskArguments(i, d)
		if err != nil {
			return nil, err
		}
		args = append(args, "-blockdev", node, "-device", device)
	}
	return append(args, o.QEMU...), nil
}

// diskArguments are JSON: a path may hold anything.
func diskArguments(i int, d Disk) (node, device string, err error) {
	if len(d.Serial) > 20 { // VIRTIO_BLK_ID_BYTES
		return "", "", fmt.Errorf("disk %s: the serial %q has more than 20 bytes", d.Path, d.Serial)
	}
	id := fmt.Sprintf("disk%d", i)
	n, err := json.Marshal(map[string]any{
		"driver": "raw", "node-name": id, "read-only": d.ReadOnly,
		"file": map[string]any{"driver": "file", "filename": d.Path, "read-only": d.ReadOnly},
	})
	if err != nil {
		return "", "", err
	}
	properties := map[string]any{"driver": "virtio-blk-pci", "drive": id}
	if d.Serial != "" {
		properties["serial"] = d.Serial
	}
	dev, err := json.Marshal(properties)
	return string(n), string(dev), err
}
