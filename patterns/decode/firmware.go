package decode

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// FirmwareBuild is the build time that MediaTek firmware carries in its
// header and mt76 drivers print: "20250721232943" for the firmware,
// "20250721232852a" for the patch that goes before it.
type FirmwareBuild struct {
	// Time is when the firmware was built, to the second. The header has no
	// zone; the fields stand in UTC as printed.
	Time time.Time
	// Suffix is what follows the digits, as the "a" of a patch.
	Suffix string
}

// ParseFirmwareBuild reads a build time: fourteen digits that make a date from
// 2000 to 2099, and at most two letters or digits behind them. Whatever
// follows a space is left out.
func ParseFirmwareBuild(s string) (FirmwareBuild, bool) {
	s = token(bounded(s))
	if len(s) < 14 || len(s) > 16 || s[:2] != "20" {
		return FirmwareBuild{}, false
	}
	var n [14]int
	for i := range n {
		if s[i] < '0' || s[i] > '9' {
			return FirmwareBuild{}, false
		}
		n[i] = int(s[i] - '0')
	}
	year := n[0]*1000 + n[1]*100 + n[2]*10 + n[3]
	month, day := n[4]*10+n[5], n[6]*10+n[7]
	hour, minute, second := n[8]*10+n[9], n[10]*10+n[11], n[12]*10+n[13]
	suffix := s[14:]
	for i := range len(suffix) {
		if c := suffix[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return FirmwareBuild{}, false
		}
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	// time.Date carries what is out of range into the next unit: a real date
	// comes back as it went in.
	if int(t.Month()) != month || t.Day() != day || t.Hour() != hour || t.Minute() != minute || t.Second() != second {
		return FirmwareBuild{}, false
	}
	return FirmwareBuild{Time: t, Suffix: suffix}, true
}

// Compare returns -1, 0 or 1 as b was built before, with or after other; the
// suffix decides between equal times.
func (b FirmwareBuild) Compare(other FirmwareBuild) int {
	return cmp.Or(b.Time.Compare(other.Time), strings.Compare(b.Suffix, other.Suffix))
}

// String returns the build as printed: "20250721232852a".
func (b FirmwareBuild) String() string { return b.Time.Format("20060102150405") + b.Suffix }

// FirmwareVersion is the version that stands beside a build time: ten
// characters, of which underscores fill what is not used ("____010000").
// MediaTek leaves it at "____000000" or "____010000" for years: only the
// build time tells firmware apart.
type FirmwareVersion struct {
	// Label is what stands before the digits, without the filling.
	Label string
	// Number is the version.
	Number uint32
	digits int
	fill   int
}

// ParseFirmwareVersion reads such a version: underscores, a label of letters,
// and one to nine digits; at least one underscore or letter, so that a bare
// number is none.
func ParseFirmwareVersion(s string) (FirmwareVersion, bool) {
	if len(s) < 2 || len(s) > 16 {
		return FirmwareVersion{}, false
	}
	rest := strings.TrimLeft(s, "_")
	fill := len(s) - len(rest)
	label := strings.TrimRight(rest, "0123456789")
	digits := rest[len(label):]
	if fill == 0 && label == "" || len(digits) == 0 || len(digits) > 9 {
		return FirmwareVersion{}, false
	}
	for i := range len(label) {
		if c := label[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return FirmwareVersion{}, false
		}
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil {
		return FirmwareVersion{}, false
	}
	return FirmwareVersion{Label: label, Number: uint32(n), digits: len(digits), fill: fill}, true
}

// Compare returns -1, 0 or 1 as v is older than, equal to or newer than other
// of the same label; labels go by the alphabet.
func (v FirmwareVersion) Compare(other FirmwareVersion) int {
	return cmp.Or(strings.Compare(v.Label, other.Label), cmp.Compare(v.Number, other.Number))
}

// String returns the version as printed.
func (v FirmwareVersion) String() string {
	return fmt.Sprintf("%s%s%0*d", strings.Repeat("_", v.fill), v.Label, v.digits, v.Number)
}

// IntelVersion is the firmware version that iwlwifi prints: "77.2753b721.0" is
// API 77, source 2753b721.
type IntelVersion struct {
	// API is the interface between driver and firmware; it names the file.
	API uint32
	// Source is the commit or number that the firmware was built from.
	Source string
	// Minor is the last number.
	Minor uint32
}

// ParseIntelVersion reads such a version: two decimal numbers around up to
// sixteen hexadecimal digits. Whatever follows a space, as the file's name,
// is left out.
func ParseIntelVersion(s string) (IntelVersion, bool) {
	s = token(bounded(s))
	api, rest, ok1 := strings.Cut(s, ".")
	source, minor, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 || len(source) == 0 || len(source) > 16 {
		return IntelVersion{}, false
	}
	for i := range len(source) {
		if _, ok := hexDigit(source[i]); !ok {
			return IntelVersion{}, false
		}
	}
	a, ok := parseUint32(api)
	if !ok {
		return IntelVersion{}, false
	}
	m, ok := parseUint32(minor)
	if !ok {
		return IntelVersion{}, false
	}
	return IntelVersion{API: a, Source: strings.ToLower(source), Minor: m}, true
}

func parseUint32(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil
}

// Compare returns -1, 0 or 1 as v has a lower, equal or higher API, then
// minor number, than other. The source is a commit and has no order.
func (v IntelVersion) Compare(other IntelVersion) int {
	return cmp.Or(cmp.Compare(v.API, other.API), cmp.Compare(v.Minor, other.Minor))
}

// String returns the version as iwlwifi prints it.
func (v IntelVersion) String() string { return fmt.Sprintf("%d.%s.%d", v.API, v.Source, v.Minor) }
