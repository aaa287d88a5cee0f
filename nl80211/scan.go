package nl80211

import (
	"context"
	"time"

	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// ScanFlags say how to scan (kernel, enum nl80211_scan_flags).
type ScanFlags uint32

// Bits of ScanFlags.
const (
	ScanLowPriority  ScanFlags = 1 << 0
	ScanFlush        ScanFlags = 1 << 1 // forget what was heard on these channels before
	ScanAP           ScanFlags = 1 << 2
	ScanRandomAddr   ScanFlags = 1 << 3
	ScanLowSpan      ScanFlags = 1 << 8
	ScanLowPower     ScanFlags = 1 << 9
	ScanHighAccuracy ScanFlags = 1 << 10
	ScanMinContent   ScanFlags = 1 << 12
	ScanColocated6G  ScanFlags = 1 << 14 // of 6 GHz only channels that neighbours name
)

// ScanRequest is a scan to be made.
type ScanRequest struct {
	Interface int
	// SSIDs are asked for in probe requests; an empty one asks everybody. Without any
	// the scan only listens.
	SSIDs [][]byte
	// Freqs are the channels, in MHz; without any all that may be used.
	Freqs []int
	// Elements are added to probe requests, such as a Multi-Link element of the Probe
	// Request variant.
	Elements []byte
	Flags    ScanFlags
	// BSSID is who is asked; zero: everybody.
	BSSID dot11.Addr
	// Dwell is how long each channel is listened to, in steps of 1 TU (1.024 ms); 0
	// leaves it to the driver. It takes ExtFeature 5, and is a wish.
	Dwell time.Duration
}

// tu is one time unit of 802.11.
const tu = 1024 * time.Microsecond

// TriggerScan begins a scan. Its end is an event: ScanFinished or ScanAborted.
// The error is EBUSY while another scan is under way.
func (c *Client) TriggerScan(ctx context.Context, r ScanRequest) error {
	return c.order(ctx, CommandTriggerScan, r.Interface, r.encode)
}

func (r *ScanRequest) encode(e *netlink.AttributeEncoder) {
	if len(r.SSIDs) > 0 {
		e.Nested(attrScanSSIDs, func(n *netlink.AttributeEncoder) error {
			for i, ssid := range r.SSIDs {
				n.Bytes(uint16(i+1), ssid)
			}
			return nil
		})
	}
	if len(r.Freqs) > 0 {
		e.Nested(attrScanFrequencies, func(n *netlink.AttributeEncoder) error {
			for i, freq := range r.Freqs {
				n.Uint32(uint16(i+1), uint32(freq))
			}
			return nil
		})
	}
	octets(e, attrIE, r.Elements)
	if r.Flags != 0 {
		e.Uint32(attrScanFlags, uint32(r.Flags))
	}
	if !r.BSSID.IsZero() {
		e.Bytes(attrBSSID, r.BSSID[:])
	}
	if r.Dwell > 0 {
		e.Uint16(attrMeasurementDuration, uint16(min(r.Dwell/tu, 1<<16-1)))
	}
}

// AbortScan ends the scan under way; ScanAborted or ScanFinished follows. The
// error is ENOENT where there is none.
func (c *Client) AbortScan(ctx context.Context, ifindex int) error {
	return c.order(ctx, CommandAbortScan, ifindex, interfaceOnly)
}
