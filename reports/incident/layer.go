package incident

import (
	"strings"

	"roamfault/patterns"
)

// Layer is the part of the system that the evidence points to. It is no
// verdict: a command without an answer convicts neither driver nor firmware.
type Layer string

// The layers. LayerDevice is between driver and firmware.
const (
	LayerDevice     Layer = "device"
	LayerFirmware   Layer = "firmware"
	LayerDriver     Layer = "driver"
	LayerMac80211   Layer = "mac80211"
	LayerSupplicant Layer = "supplicant"
	LayerAP         Layer = "ap"
	LayerBus        Layer = "bus"
	LayerKernel     Layer = "kernel"
	LayerUnknown    Layer = "unknown"
)

// Confidence is how sure the layer is.
type Confidence string

// The confidences.
const (
	Low    Confidence = "low"
	Medium Confidence = "medium"
	High   Confidence = "high"
)

// layerOf is the layer that a root implies, with how far one record of it
// carries.
var layerOf = map[patterns.Class]struct {
	layer Layer
	sure  Confidence
}{
	patterns.MCUTimeout: {LayerDevice, Medium}, patterns.CommandFailed: {LayerDevice, Medium}, patterns.MCURetry: {LayerDevice, Low},
	patterns.MCUSequenceMismatch: {LayerDevice, Medium}, patterns.ROCTimeout: {LayerDevice, Medium}, patterns.DriverOwnFailed: {LayerDevice, Medium},
	patterns.TxStuck: {LayerDevice, Medium}, patterns.ResetFailed: {LayerDevice, Medium}, patterns.ResetStart: {LayerDevice, Low},
	patterns.FirmwareCrash: {LayerFirmware, High}, patterns.FirmwareLoadFailed: {LayerFirmware, Medium}, patterns.FirmwareReload: {LayerFirmware, Medium},
	patterns.DriverOpFailed: {LayerDriver, Low}, patterns.PMFailed: {LayerDriver, Medium}, patterns.IOMMUFault: {LayerDriver, Medium},
	patterns.PCIeError: {LayerBus, Medium}, patterns.BusError: {LayerBus, Medium}, patterns.MMIODead: {LayerBus, High}, patterns.DeviceGone: {LayerBus, High},
	patterns.HandshakeFailed: {LayerSupplicant, Low}, patterns.MLOGroupKeyLinkID: {LayerSupplicant, Medium},
	patterns.KeyRejected: {LayerSupplicant, Medium}, patterns.AuthRequestFailed: {LayerSupplicant, Low}, patterns.AssocRequestFailed: {LayerSupplicant, Low},
	patterns.KeyRemoveFailed: {LayerDriver, Low}, patterns.KeySetFailed: {LayerDriver, Medium}, patterns.DriverDisconnect: {LayerDriver, Low},
	patterns.BSSFetchFailed: {LayerMac80211, Medium}, patterns.MLONegotiationFailed: {LayerMac80211, Medium},
	patterns.AuthRejected: {LayerAP, Medium}, patterns.AssocRejected: {LayerAP, Medium}, patterns.AssocComeback: {LayerAP, Medium},
	patterns.DeauthByAP: {LayerAP, Medium}, patterns.APConfigChange: {LayerAP, High}, patterns.APClientChurn: {LayerAP, Low},
	patterns.AuthTimeout: {LayerUnknown, Low}, patterns.AssocTimeout: {LayerUnknown, Low}, patterns.BeaconLoss: {LayerUnknown, Low},
	patterns.ConnectionFailed: {LayerUnknown, Low}, patterns.ScanFailed: {LayerUnknown, Low}, patterns.DataStall: {LayerUnknown, Low},
	patterns.KernelWarning: {LayerKernel, Medium}, patterns.KernelOops: {LayerKernel, Medium}, patterns.KernelPanic: {LayerKernel, Medium},
	patterns.HungTask: {LayerKernel, Medium}, patterns.Lockup: {LayerKernel, Medium},
}

// layer tells which layer the incident points to, and how sure that is.
func (in *building) layer(root *Event, i *Incident) (Layer, Confidence) {
	implied, ok := layerOf[root.Class]
	if !ok {
		implied.layer, implied.sure = LayerUnknown, Low
	}
	layer, sure := implied.layer, implied.sure
	switch root.Class {
	case patterns.KernelWarning, patterns.KernelOops, patterns.KernelPanic, patterns.HungTask, patterns.Lockup:
		layer = frameLayer(root)
		if layer != LayerKernel {
			sure = High
		}
	case patterns.ProbeFailed:
		layer, sure = probeLayer(root), Low
	case patterns.KeyRejected, patterns.AuthRequestFailed, patterns.AssocRequestFailed:
		if errno, ok := root.Fields.Int("errno"); ok && errno != -22 && errno != 22 {
			layer = LayerDriver // the kernel took the request, the driver refused it
		}
	}
	if root.layer != "" {
		layer = Layer(root.layer)
	}
	// Several independent facts of the same kind make a device's failure plain.
	if sure == Medium && in.byClass[root.Class] >= 3 {
		sure = High
	}
	if sure == High && in.contradicted(root, layer) {
		sure = Medium
	}
	return layer, sure
}

// contradicted reports whether something of another layer came before the
// root, so that the root may be its consequence.
func (in *building) contradicted(root *Event, layer Layer) bool {
	for _, e := range in.events {
		if e == root || noise(e.Class) || !in.before(e, root) {
			continue
		}
		if other, ok := layerOf[e.Class]; ok && other.layer != layer && other.sure != Low {
			return true
		}
	}
	return false
}

// frameLayer is the layer of a splat by its topmost wireless frame.
func frameLayer(e *Event) Layer {
	fn, module := e.Fields.Get("func"), e.Fields.Get("module")
	switch {
	case strings.HasPrefix(module, "mac80211"), strings.HasPrefix(module, "cfg80211"):
		return LayerMac80211
	case module != "", e.phase == "reset":
		return LayerDriver
	case strings.HasPrefix(fn, "ieee80211_"), strings.HasPrefix(fn, "cfg80211_"), strings.HasPrefix(fn, "nl80211_"):
		return LayerMac80211
	case fn != "":
		return LayerDriver
	case strings.Contains(e.Fields.Get("file"), "drivers/net/wireless"):
		return LayerDriver
	case strings.Contains(e.Fields.Get("file"), "net/mac80211"), strings.Contains(e.Fields.Get("file"), "net/wireless"):
		return LayerMac80211
	}
	return LayerKernel
}

// probeLayer reads why a probe failed from its errno: no answer or an I/O
// error points to the device, a missing resource to the bus.
func probeLayer(e *Event) Layer {
	errno, ok := e.Fields.Int("errno")
	if !ok {
		return LayerDevice
	}
	switch errno {
	case -110, -5, -11, 110, 5, 11:
		return LayerDevice
	case -28, -16, -19, -6, 28, 16, 19, 6:
		return LayerBus
	case -2, 2:
		return LayerFirmware
	}
	return LayerDriver
}
