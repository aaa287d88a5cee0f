package nl80211

import (
	"context"
	"time"

	"roamfault/nl80211/dot11"
)

// Attributes of a regulatory rule (kernel, enum nl80211_reg_rule_attr).
const (
	ruleFlags   = 1
	ruleStart   = 2
	ruleEnd     = 3
	ruleMaxBW   = 4
	ruleMaxGain = 5
	ruleMaxEIRP = 6
	ruleCACTime = 7
	rulePSD     = 8
)

// DFSRegion is whose rules for radar hold (kernel, enum nl80211_dfs_regions).
type DFSRegion uint8

// Regions.
const (
	DFSUnset DFSRegion = 0
	DFSFCC   DFSRegion = 1
	DFSETSI  DFSRegion = 2
	DFSJapan DFSRegion = 3
)

// RuleFlags are restrictions of a regulatory rule (kernel, enum
// nl80211_reg_rule_flags).
type RuleFlags uint32

// Bits of RuleFlags.
const (
	RuleNoOFDM    RuleFlags = 1 << 0
	RuleNoCCK     RuleFlags = 1 << 1
	RuleNoIndoor  RuleFlags = 1 << 2
	RuleNoOutdoor RuleFlags = 1 << 3
	RuleDFS       RuleFlags = 1 << 4
	RuleNoIR      RuleFlags = 1 << 7
	RuleAutoBW    RuleFlags = 1 << 11
	RuleNoHE      RuleFlags = 1 << 17
	RuleNo320     RuleFlags = 1 << 18
	RuleNoEHT     RuleFlags = 1 << 19
)

// Regulatory is a regulatory domain.
type Regulatory struct {
	// Wiphy is the device that it is of; not present, it is that of all others.
	Wiphy dot11.Optional[int]
	// Country is ISO 3166 alpha-2, or 00 the world's, 98 an intersection, 99 a
	// driver's own.
	Country     string
	DFS         DFSRegion
	SelfManaged bool // by the device's firmware
	Rules       []RegulatoryRule
}

// RegulatoryRule is what may be done in a range of frequencies.
type RegulatoryRule struct {
	FreqRange
	MaxWidth int // kHz
	MaxGain  int // of the antenna, in mBi (1/100 dBi)
	MaxEIRP  int // in mBm (1/100 dBm)
	PSD      dot11.Optional[int8]
	Flags    RuleFlags
	DFSCheck time.Duration // how long a channel is checked for radar
}

func (r *Regulatory) take(d *decoder) {
	switch d.kind {
	case attrWiphy:
		r.Wiphy = dot11.Some(int(d.u32()))
	case attrRegAlpha2:
		r.Country = d.text()
	case attrDFSRegion:
		r.DFS = DFSRegion(d.u8())
	case attrSelfManagedReg:
		r.SelfManaged = true
	case attrRegRules:
		for n := d.nested(); n.next(); {
			r.Rules = append(r.Rules, decodeRule(&n))
		}
	}
}

func decodeRule(d *decoder) RegulatoryRule {
	var r RegulatoryRule
	for n := d.nested(); n.next(); {
		switch n.kind {
		case ruleFlags:
			r.Flags = RuleFlags(n.u32())
		case ruleStart:
			r.Start = int(n.u32())
		case ruleEnd:
			r.End = int(n.u32())
		case ruleMaxBW:
			r.MaxWidth = int(n.u32())
		case ruleMaxGain:
			r.MaxGain = int(int32(n.u32()))
		case ruleMaxEIRP:
			r.MaxEIRP = int(int32(n.u32()))
		case ruleCACTime:
			r.DFSCheck = time.Duration(n.u32()) * time.Millisecond
		case rulePSD:
			r.PSD = dot11.Some(int8(n.u8()))
		}
	}
	return r
}

// Regulatory returns the regulatory domains: the one of all devices first, then
// those of devices that have their own.
func (c *Client) Regulatory(ctx context.Context) ([]Regulatory, error) {
	result, err := c.consistent(ctx, CommandGetReg, 0, interfaceOnly)
	if err != nil {
		return nil, err
	}
	domains := make([]Regulatory, len(result.replies))
	for i := range result.replies {
		if err := c.decodeReply(CommandGetReg, &result.replies[i], domains[i].take); err != nil {
			return nil, err
		}
	}
	return domains, nil
}
