package decode

import (
	"fmt"
	"strconv"
	"strings"

	"roamfault/nl80211/dot11"
)

// Explanation is what one code or line means. Kind, Code, Name and Meaning
// are never empty; none holds text of the input that is not a name or number.
type Explanation struct {
	// Kind is what the code is: one of the Kind constants.
	Kind string `json:"kind"`
	// Code is the code in its usual form.
	Code string `json:"code"`
	// Name is the code's name in source or standard.
	Name string `json:"name"`
	// Meaning says in plain words what it means.
	Meaning string `json:"meaning"`
	// Detail is what else there is to know; it may be empty.
	Detail string `json:"detail,omitempty"`
}

// The kinds of explanation.
const (
	KindMCUCommand = "mcu-command"
	KindErrno      = "errno"
	KindReason     = "reason"
	KindStatus     = "status"
	KindDevice     = "device"
	KindASIC       = "asic-revision"
	KindFirmware   = "firmware"
	KindDriver     = "driver"
	KindIOMMU      = "iommu-fault"
	KindPCIe       = "pcie-error"
	KindSite       = "source-place"
)

// Explain decodes one argument of "roamfault explain": a command word of the
// firmware (00020002, 0x00020002, BSS_INFO_UPDATE), an errno (-22, errno 22,
// EINVAL), a reason (reason 6) or status (status 37), a device id (14c3:7925),
// an ASIC revision (79250000), a firmware build (20250721232943) or version, a
// chip or driver (mt7925, mt7925e), or a log line that holds any of these, an
// IOMMU fault, a PCI Express error or a kernel warning. A number that can be
// several things gives them all, the likeliest first. It returns nothing for
// what it does not know.
func Explain(arg string) []Explanation {
	arg = strings.TrimSpace(bounded(arg))
	if arg == "" {
		return nil
	}
	words := strings.Fields(arg)
	var key string
	if len(words) == 2 {
		key = strings.ToLower(strings.TrimSuffix(words[0], ":"))
		if all := explainKeyword(key, words[1]); len(all) > 0 {
			return all
		}
	}
	if all := explainLine(arg); len(all) > 0 {
		return all
	}
	switch len(words) {
	case 1:
		return explainWord(words[0])
	case 2:
		return explainDriver(key)
	}
	return nil
}

// keyword is a word that says what the next one is.
type keyword struct {
	words   []string
	explain func(string) []Explanation
}

func explainKeyword(key, value string) []Explanation {
	for _, k := range [...]keyword{
		{[]string{"errno", "error"}, explainErrno},
		{[]string{"reason"}, explainReason},
		{[]string{"status"}, explainStatus},
		{[]string{"message", "mcu", "command", "cmd"}, explainMCU},
		{[]string{"device", "pci", "usb", "sdio", "id"}, explainDevice},
		{[]string{"asic", "revision", "chipid"}, explainASIC},
		{[]string{"firmware", "build", "version"}, explainFirmware},
		{[]string{"driver", "chip", "module"}, explainDriver},
	} {
		for _, w := range k.words {
			if w == key {
				return k.explain(value)
			}
		}
	}
	return nil
}

func explainWord(word string) []Explanation {
	var all []Explanation
	if c, ok := ParseMCUCommand(word); ok && (len(word) == 8 || word[0] == '0' && len(word) > 1 && word[1]|0x20 == 'x') {
		asic := explainKnownASIC(word)
		// What names a chip has bits that no command has.
		if c.Known() && c.UnknownBits() == 0 || len(asic) == 0 && len(word) == 8 {
			all = append(all, mcuExplanation(c))
		}
		all = append(all, asic...)
	}
	if word == "0000" {
		all = append(all, explainASIC(word)...)
	}
	all = append(all, explainDevice(word)...)
	all = append(all, explainFirmware(word)...)
	if len(word) <= 6 || word[0] < '0' || word[0] > '9' || strings.ContainsAny(word, "_=") {
		if _, name, both := strings.Cut(word, "="); both {
			word = name
		}
		if r, ok := dot11.ParseReason(word); ok && r.Known() {
			all = append(all, explainReason(word)...)
		}
		if s, ok := dot11.ParseStatus(word); ok && s.Known() {
			all = append(all, explainStatus(word)...)
		}
		if e, ok := ParseErrno(word); ok && e.Known() {
			all = append(all, explainErrno(word)...)
		}
	}
	all = append(all, explainCommandName(word)...)
	all = append(all, explainDriver(word)...)
	return all
}

func explainMCU(word string) []Explanation {
	c, ok := ParseMCUCommand(word)
	if !ok {
		return explainCommandName(word)
	}
	return []Explanation{mcuExplanation(c)}
}

func mcuExplanation(c MCUCommand) Explanation {
	e := Explanation{Kind: KindMCUCommand, Code: c.Word(), Name: c.String()}
	if doing := c.Doing(); doing != "" {
		e.Meaning = "command of an mt76 driver to its chip: the driver " + doing
	} else {
		e.Meaning = "command of an mt76 driver to its chip, with a number that these tables do not know"
	}
	detail := []string{"for the " + c.Destination().String() + " processor"}
	switch c.Phase() {
	case phaseBoot:
		detail = append(detail, "sent while firmware is loaded: at start or during a reset")
	case phaseScan:
		detail = append(detail, "sent for a scan")
	case phaseSuspend:
		detail = append(detail, "sent around suspend and resume")
	}
	if c.Old() {
		detail = append(detail, "in the numbering of kernels before 5.17")
	} else if other := &extCommands[uint8(c)]; uint32(c) < 0x100 && other.name != "" && c.Namespace() == Plain {
		detail = append(detail, "on kernels 5.13 to 5.16 it can be "+other.name+" instead")
	}
	if bits := c.UnknownBits(); bits != 0 {
		detail = append(detail, fmt.Sprintf("bits 0x%08x have no known meaning", bits))
	}
	e.Detail = strings.Join(detail, "; ")
	return e
}

// explainCommandName explains every command of that name.
func explainCommandName(name string) []Explanation {
	name = strings.ToUpper(name)
	for _, prefix := range [...]string{"MCU_UNI_CMD_", "MCU_EXT_CMD_", "MCU_CE_CMD_", "MCU_CMD_"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			name = rest
			break
		}
	}
	if len(name) < 2 {
		return nil
	}
	var all []Explanation
	for _, c := range MCUCommands() {
		if c.Name() == name {
			all = append(all, mcuExplanation(c))
		}
	}
	return all
}

func explainErrno(s string) []Explanation {
	e, ok := ParseErrno(s)
	if !ok {
		return nil
	}
	return []Explanation{{Kind: KindErrno, Code: fmt.Sprintf("-%d", uint16(e)), Name: e.Name(), Meaning: e.Meaning(), Detail: e.Hint()}}
}

func explainReason(s string) []Explanation {
	if n, err := strconv.ParseInt(s, 10, 32); err == nil && n < 0 {
		return explainNumberedReason(int(n))
	}
	r, ok := dot11.ParseReason(s)
	if !ok {
		return nil
	}
	return []Explanation{{Kind: KindReason, Code: fmt.Sprintf("reason %d", uint16(r)), Name: r.Name(), Meaning: "the connection was ended: " + r.Meaning(), Detail: r.Hint()}}
}

func explainNumberedReason(n int) []Explanation {
	if _, ok := dot11.ReasonOf(n); ok {
		return explainReason(strconv.Itoa(n))
	}
	e := Explanation{Kind: KindReason, Code: fmt.Sprintf("reason %d", n), Name: "driver's own", Meaning: dot11.DriverReason}
	if errno, ok := ParseErrno(strconv.Itoa(n)); ok && n < 0 && errno.Known() {
		e.Detail = "as an errno: " + errno.Name() + ", " + errno.Meaning()
	}
	return []Explanation{e}
}

func explainStatus(s string) []Explanation {
	c, ok := dot11.ParseStatus(s)
	if !ok {
		return nil
	}
	return []Explanation{{Kind: KindStatus, Code: fmt.Sprintf("status %d", uint16(c)), Name: c.Name(), Meaning: "authentication or association was answered: " + c.Meaning(), Detail: c.Hint()}}
}

func explainDevice(s string) []Explanation {
	vendor, product, ok := ParseDeviceID(s)
	if !ok {
		return nil
	}
	var all []Explanation
	for _, c := range LookupChip(vendor, product) {
		all = append(all, chipExplanation(c))
	}
	if len(all) > 0 {
		return all
	}
	maker := VendorName(vendor)
	if maker == "" {
		return nil
	}
	return []Explanation{{Kind: KindDevice, Code: fmt.Sprintf("%04x:%04x", vendor, product), Name: maker,
		Meaning: "a device of " + maker + " that these tables do not know"}}
}

func chipExplanation(c Chip) Explanation {
	detail := []string{c.Bus.String(), "driver " + c.Driver}
	if c.Firmware != "" {
		detail = append(detail, "firmware "+c.Firmware)
	}
	if c.Note != "" {
		detail = append(detail, c.Note)
	}
	return Explanation{Kind: KindDevice, Code: c.ID(), Name: c.Name, Meaning: c.Marketing, Detail: strings.Join(detail, "; ")}
}

func explainKnownASIC(s string) []Explanation {
	r, ok := ParseASICRevision(strings.TrimPrefix(strings.ToLower(s), "0x"))
	if !ok || r.Chip() == "" && !r.Dead() {
		return nil
	}
	return explainASIC(s)
}

func explainASIC(s string) []Explanation {
	r, ok := ParseASICRevision(strings.TrimPrefix(strings.ToLower(s), "0x"))
	if !ok {
		return nil
	}
	name := r.Chip()
	if name == "" {
		name = "unknown chip"
	}
	return []Explanation{{Kind: KindASIC, Code: r.String(), Name: name, Meaning: r.Meaning()}}
}

func explainFirmware(s string) []Explanation {
	if b, ok := ParseFirmwareBuild(s); ok {
		what := "firmware"
		if b.Suffix != "" {
			what = "patch"
		}
		return []Explanation{{Kind: KindFirmware, Code: b.String(), Name: what + " build",
			Meaning: "MediaTek " + what + " built on " + b.Time.Format("2006-01-02 at 15:04:05"), Detail: "the header names no time zone"}}
	}
	if v, ok := ParseIntelVersion(s); ok {
		return []Explanation{{Kind: KindFirmware, Code: v.String(), Name: fmt.Sprintf("iwlwifi API %d", v.API),
			Meaning: fmt.Sprintf("Intel firmware with driver interface %d, built from source %s", v.API, v.Source)}}
	}
	if v, ok := ParseFirmwareVersion(s); ok && v.fill > 0 {
		return []Explanation{{Kind: KindFirmware, Code: v.String(), Name: "firmware version",
			Meaning: "version in the header of MediaTek firmware", Detail: "it stays the same for years; the build time beside it tells firmware apart"}}
	}
	return nil
}

func explainDriver(s string) []Explanation {
	if plainWord(s) == "" {
		return nil
	}
	name := strings.ToLower(s)
	var all []Explanation
	chips := ChipsNamed(name)
	if len(chips) == 0 && len(name) == 4 {
		chips = ChipsNamed("mt" + name)
	}
	for _, c := range chips {
		all = append(all, chipExplanation(c))
	}
	if family := ChipOfDriver(name); family != "" && len(all) == 0 {
		e := Explanation{Kind: KindDriver, Code: name, Name: family, Meaning: "wireless driver of the family " + family}
		var served []string
		for _, c := range chipsOfDriver(name) {
			served = append(served, c.ID()+" "+c.Name)
		}
		if len(served) > 0 {
			e.Detail = "serves " + strings.Join(served, ", ")
		}
		all = append(all, e)
	}
	return all
}

func chipsOfDriver(driver string) []Chip {
	var found []Chip
	for _, c := range chips {
		if c.Driver == driver {
			found = append(found, c)
		}
	}
	return found
}

// explainLine explains the codes in a log line.
func explainLine(line string) []Explanation {
	var all []Explanation
	if f, ok := ParseIOMMU(line); ok {
		return []Explanation{iommuExplanation(f)}
	}
	if e, ok := ParseAER(line); ok {
		return []Explanation{aerExplanation(e)}
	}
	if s, ok := ParseSite(line); ok {
		return siteExplanations(s)
	}
	message, ok := after(line, "Message ")
	isTimeout := ok && strings.HasSuffix(message, " timeout")
	if isTimeout {
		// Old kernels print ids that look like errnos.
		all = append(all, explainMCU(token(message))...)
	}
	if v, ok := after(line, "ASIC revision: "); ok {
		all = append(all, explainASIC(token(v))...)
	}
	if v, ok := after(line, "Build Time: "); ok {
		all = append(all, explainFirmware(token(v))...)
	}
	if v, ok := after(line, "loaded firmware version "); ok {
		all = append(all, explainFirmware(token(v))...)
	}
	for _, key := range [...]string{"Reason: ", "reason=", "ReasonCode["} {
		if v, ok := after(line, key); ok {
			all = append(all, explainReasonText(token(v))...)
			break
		}
	}
	for _, key := range [...]string{"status_code=", "(status ", "status=", "(code=", "Status Code = "} {
		if v, ok := after(line, key); ok {
			if n := token(v); n != "" && n[0] >= '0' && n[0] <= '9' {
				all = append(all, explainStatus(n)...)
			}
			break
		}
	}
	if !isTimeout {
		all = append(all, errnosIn(line)...)
	}
	return all
}

func explainReasonText(v string) []Explanation {
	if n, err := strconv.ParseInt(v, 10, 32); err == nil {
		return explainNumberedReason(int(n))
	}
	if v != "" && v[0] >= '0' && v[0] <= '9' {
		return explainReason(v)
	}
	return nil
}

// errnosIn explains the negative numbers of a line that stand where programs
// print an error: behind a space, bracket, colon or equals sign.
func errnosIn(line string) []Explanation {
	const most = 4
	var all []Explanation
	for i := 1; i < len(line) && len(all) < most; i++ {
		if line[i] != '-' || strings.IndexByte(" (:=", line[i-1]) < 0 {
			continue
		}
		end := i + 1
		for end < len(line) && line[end] >= '0' && line[end] <= '9' {
			end++
		}
		if end < len(line) && strings.IndexByte(" ),.;]", line[end]) < 0 ||
			strings.HasSuffix(line[:i], "reason=") || strings.HasPrefix(line[end:], " dB") {
			continue
		}
		if e, ok := ParseErrno(line[i:end]); ok && e.Known() {
			all = append(all, explainErrno(line[i:end])...)
		}
	}
	return all
}

func iommuExplanation(f IOMMUFault) Explanation {
	e := Explanation{Kind: KindIOMMU, Code: f.String(), Name: f.Unit + " " + f.Event, Meaning: f.Meaning}
	var detail []string
	if f.Driver != "" {
		detail = append(detail, "driver "+f.Driver)
	}
	if f.HasDomain {
		detail = append(detail, fmt.Sprintf("domain 0x%04x", f.Domain))
	}
	if f.HasReason {
		detail = append(detail, fmt.Sprintf("fault reason 0x%02x", f.Reason))
	}
	detail = append(detail, f.FlagWords...)
	e.Detail = strings.Join(detail, "; ")
	return e
}

func aerExplanation(a AERError) Explanation {
	e := Explanation{Kind: KindPCIe, Meaning: a.Severity.Meaning()}
	var detail []string
	switch a.Line {
	case AERStatus:
		e.Code, e.Name = fmt.Sprintf("%08x/%08x", a.Status, a.Mask), "error status"
		corrected, uncorrected := bitWords(a.Status, AERCorrected), bitWords(a.Status, AERNonFatal)
		switch {
		case corrected != "" && uncorrected != "":
			// The severity stands in another line of the report.
			e.Meaning = "if the report says corrected: " + corrected + "; else: " + uncorrected
		case corrected+uncorrected != "":
			e.Meaning = corrected + uncorrected
		default:
			e.Meaning = "no error bit that these tables know"
		}
		detail = append(detail, fmt.Sprintf("device %04x:%04x", a.Vendor, a.Product))
	case AERDetail:
		for _, b := range AERBits(1<<a.Bit, AERUnknown) {
			if isCorrectable(b) == (a.Severity == AERCorrected) {
				e.Code, e.Name, e.Meaning = fmt.Sprintf("bit %d", b.Bit), b.Name, b.Meaning
			}
		}
	case AERReport:
		e.Code, e.Name = "PCIe Bus Error", a.Severity.String()
		if a.Layer != "" {
			e.Name += ", " + a.Layer
		}
		if a.Agent != "" {
			detail = append(detail, a.Agent)
		}
	case AERMessage:
		e.Code, e.Name = "AER", a.Severity.String()
	}
	if a.Reporter != "" {
		detail = append(detail, "told by "+a.Reporter)
	}
	if a.Source != "" {
		detail = append(detail, "source "+a.Source)
	}
	e.Detail = strings.Join(detail, "; ")
	return e
}

func bitWords(status uint32, severity AERSeverity) string {
	var words []string
	for _, b := range AERBits(status, severity) {
		words = append(words, b.Name+": "+b.Meaning)
	}
	return strings.Join(words, "; ")
}

func siteExplanations(s Site) []Explanation {
	place := s.Func
	if s.File != "" {
		place = s.File + ":" + strconv.Itoa(s.Line)
	}
	name := s.Func
	if name == "" {
		name = place
	}
	var all []Explanation
	for _, c := range s.Conditions() {
		all = append(all, Explanation{Kind: KindSite, Code: place, Name: c.Func, Meaning: c.Condition, Detail: c.Meaning})
	}
	if k, ok := IssueOf(s.Func); ok {
		all = append(all, Explanation{Kind: KindSite, Code: k.Report, Name: k.Func, Meaning: k.Meaning, Detail: "a known report; the same function can fail for another reason"})
	}
	if len(all) == 0 {
		all = append(all, Explanation{Kind: KindSite, Code: place, Name: name, Meaning: "a place in the kernel's source that these tables do not know"})
	}
	return all
}
