package ctrl

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

// BSS is an entry of the daemon's scan results.
type BSS struct {
	ID    int // it counts up, and is not used again
	BSSID dot11.Addr
	SSID  runlog.SSID
	Freq  int // MHz
	Level int // dBm
	Age   time.Duration
	// MLD is the address of the AP MLD, of daemons that tell it (from 2.11 on).
	MLD dot11.Addr
	// Elements are those of the last frame; nil: they did not fit into an answer.
	Elements []byte
}

// The mask says what an answer to BSS has (src/common/wpa_ctrl.h, WPA_BSS_MASK_*).
const (
	maskID       = 1 << 0
	maskBSSID    = 1 << 1
	maskFreq     = 1 << 2
	maskLevel    = 1 << 7
	maskAge      = 1 << 9
	maskElements = 1 << 10
	maskSSID     = 1 << 12
	maskDelim    = 1 << 17
	maskMLD      = 1 << 27
	maskBrief    = maskID | maskBSSID | maskFreq | maskLevel | maskAge | maskSSID | maskDelim | maskMLD
	maskFull     = maskBrief | maskElements
)

// ParseBSS reads an answer to BSS. Entries without an address are left out; what
// else cannot be read stays zero.
func ParseBSS(answer string) []BSS {
	var all []BSS
	entry := BSS{ID: -1}
	done := func() {
		if !entry.BSSID.IsZero() {
			all = append(all, entry)
		}
		entry = BSS{ID: -1}
	}
	for name, value := range fields(answer) {
		switch name {
		case "id":
			done()
			entry.ID = number(value)
		case "bssid":
			entry.BSSID = address(value)
		case "freq":
			entry.Freq = number(value)
		case "level":
			entry.Level = number(value)
		case "age":
			entry.Age = time.Duration(max(0, number(value))) * time.Second
		case "ie":
			if b, err := hex.DecodeString(value); err == nil {
				entry.Elements = b
			}
		case "ssid":
			entry.SSID = network(value)
		case "ap_mld_addr":
			entry.MLD = address(value)
		}
	}
	done()
	return all
}

// maxEntries bounds how many scan results are asked for.
const maxEntries = 4096

// ScanResults asks for all entries, in the order of their IDs. An answer has 4 KiB
// at most and holds as many as fit, so it takes several.
func (c *Client) ScanResults(ctx context.Context) ([]BSS, error) {
	var all []BSS
	for next := 0; len(all) < maxEntries; {
		page, err := c.entries(ctx, next, maskFull)
		if err == nil && len(page) == 0 {
			// Or the next one alone is too long, with its elements.
			page, err = c.entries(ctx, next, maskBrief)
			page = page[:min(1, len(page))]
		}
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
		next = page[len(page)-1].ID + 1
	}
	return all, nil
}

// entries asks for those from an ID on, and takes them as long as they count up.
func (c *Client) entries(ctx context.Context, from, mask int) ([]BSS, error) {
	answer, err := c.Request(ctx, fmt.Sprintf("BSS RANGE=%d- MASK=%x", from, mask))
	if err != nil {
		return nil, err
	}
	page := ParseBSS(answer)
	for i := range page {
		if page[i].ID < from || i > 0 && page[i].ID <= page[i-1].ID {
			return page[:i], nil
		}
	}
	return page, nil
}

// Known returns the entry of a BSSID, if there is one.
func (c *Client) Known(ctx context.Context, bssid dot11.Addr) (BSS, bool, error) {
	answer, err := c.Request(ctx, fmt.Sprintf("BSS %v MASK=%x", bssid, maskBrief))
	if err != nil {
		return BSS{}, false, err
	}
	for _, entry := range ParseBSS(answer) {
		if entry.BSSID == bssid {
			return entry, true, nil
		}
	}
	return BSS{}, false, nil
}

// Candidate is it in the words of roam, with what its elements say of its MLD.
func (b *BSS) Candidate() roam.Candidate {
	c := roam.Candidate{BSSID: b.BSSID, MLD: b.MLD, SSID: b.SSID, Freq: b.Freq, Signal: b.Level, Age: b.Age}
	heard := nl80211.BSS{BSSID: b.BSSID, Freq: b.Freq, Raw: b.Elements}
	// Damage is behind what could be read.
	if mld, _ := heard.MLD(); !mld.Addr.IsZero() {
		c.MLD, c.Link = mld.Addr, mld.Link
	}
	return c
}
