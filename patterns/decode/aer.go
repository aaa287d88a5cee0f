package decode

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// AERSeverity is how bad a PCI Express error is.
type AERSeverity uint8

// The severities. The detail lines of a report do not repeat it.
const (
	AERUnknown   AERSeverity = iota
	AERCorrected             // the bus put it right by itself
	AERNonFatal              // a transaction was lost, the link works on
	AERFatal                 // the link can no longer be trusted
)

var aerSeverities = [...]string{AERUnknown: "unknown", AERCorrected: "corrected", AERNonFatal: "uncorrected, non-fatal", AERFatal: "uncorrected, fatal"}

// String returns the severity in words.
func (s AERSeverity) String() string {
	if int(s) < len(aerSeverities) {
		return aerSeverities[s]
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// Meaning says what the severity has for the device. It is never empty.
func (s AERSeverity) Meaning() string {
	switch s {
	case AERCorrected:
		return "the bus put the error right by itself; many of them point at a bad contact, the signal or power saving of the link"
	case AERNonFatal:
		return "a transaction was lost: the device or the driver may hang on it"
	case AERFatal:
		return "the link can no longer be trusted; the kernel resets it"
	}
	return "the line does not tell how bad the error is"
}

// AERLine is which line of a report was read.
type AERLine uint8

// The lines of a report, in the order in which the kernel prints them.
const (
	AERMessage AERLine = iota // "AER: Corrected error message received from 0000:00:1c.0"
	AERReport                 // "PCIe Bus Error: severity=..., type=..., (...)"
	AERStatus                 // "device [14c3:7925] error status/mask=00001000/0000e000"
	AERDetail                 // "[12] Timeout"
)

// AERError is one line of a PCI Express error report.
type AERError struct {
	Line AERLine
	// Reporter is the PCI address in the line's prefix: the port that got the
	// message, or the device that the details are of. Empty when cut off.
	Reporter string
	// Driver is the driver in the line's prefix: "pcieport", "mt7925e".
	Driver string
	// Source is the PCI address that the error came from, in an AERMessage
	// line and in old AERReport lines.
	Source string
	// Severity is unknown in an AERStatus line, and in an AERDetail line of
	// an uncorrected error, whose name does not tell whether it is fatal.
	Severity AERSeverity
	// Layer is "Physical Layer", "Data Link Layer", "Transaction Layer" or
	// "Inaccessible", in an AERReport line.
	Layer string
	// Agent is the part that the device played: "Receiver ID", "Requester
	// ID", "Completer ID", "Transmitter ID" or "Unregistered Agent ID".
	Agent string
	// Vendor and Product are the device's ids, in an AERStatus line.
	Vendor, Product uint16
	// Status and Mask are the error registers, in an AERStatus line.
	Status, Mask uint32
	// Bit is the number of the error in an AERDetail line.
	Bit uint8
	// First tells that the error was the first, in an AERDetail line.
	First bool
}

// AERBit is one error of a status register.
type AERBit struct {
	Bit     uint8
	Name    string // as the kernel prints it
	Meaning string
}

// AERBits returns the errors that status has for the severity, masked ones
// included. For [AERUnknown] it returns those of both registers that the
// number fits: corrected errors first.
func AERBits(status uint32, severity AERSeverity) []AERBit {
	var found []AERBit
	if severity == AERUnknown || severity == AERCorrected {
		found = appendBits(found, status, aerCorrectable[:])
	}
	if severity != AERCorrected {
		found = appendBits(found, status, aerUncorrectable[:])
	}
	return found
}

func appendBits(found []AERBit, status uint32, table []bit) []AERBit {
	for _, b := range table {
		if status&(1<<b.n) != 0 {
			found = append(found, AERBit{b.n, b.name, b.meaning})
		}
	}
	return found
}

// aerCorrectable and aerUncorrectable are the registers of the PCI Express
// Base Specification, Advanced Error Reporting; names as in
// drivers/pci/pcie/aer.c.
var aerCorrectable = [...]bit{
	{0, "RxErr", "a symbol was received wrongly: the signal"},
	{6, "BadTLP", "a packet came damaged and was asked for again"},
	{7, "BadDLLP", "a link packet came damaged"},
	{8, "Rollover", "a packet had to be sent four times"},
	{12, "Timeout", "an acknowledgement did not come in time and the packet was sent again; often power saving of the link (ASPM)"},
	{13, "NonFatalErr", "an uncorrected error that was only advised"},
	{14, "CorrIntErr", "an error inside the device, put right"},
	{15, "HeaderOF", "more errors than the log can hold"},
}

var aerUncorrectable = [...]bit{
	{0, "Undefined", "an error of an old bus version"},
	{4, "DLP", "the link's protocol was broken"},
	{5, "SDES", "the link went down by surprise: power, contact or removal"},
	{12, "TLP", "a packet came marked as damaged"},
	{13, "FCP", "the flow control was broken"},
	{14, "CmpltTO", "a request got no answer in time: the device hangs or sleeps"},
	{15, "CmpltAbrt", "a request was refused by the device"},
	{16, "UnxCmplt", "an answer came that nobody waited for"},
	{17, "RxOF", "more came than could be received"},
	{18, "MalfTLP", "a packet was malformed"},
	{19, "ECRC", "the end-to-end checksum was wrong"},
	{20, "UnsupReq", "a request that the device does not support, or one to a device that is off"},
	{21, "ACSViol", "a request broke the access rules between devices"},
	{22, "UncorrIntErr", "an error inside the device"},
	{23, "BlockedTLP", "a packet to a multicast group was blocked"},
	{24, "AtomicOpBlocked", "an atomic operation was blocked"},
	{25, "TLPBlockedErr", "a packet with a prefix was blocked"},
	{26, "PoisonTLPBlocked", "a packet marked as damaged was blocked"},
	{27, "DMWrReqBlocked", "a deferrable write was blocked"},
	{28, "IDECheck", "the link encryption's check failed"},
	{29, "MisIDETLP", "a packet was routed wrongly under link encryption"},
	{30, "PCRC_CHECK", "the plain text checksum was wrong"},
	{31, "TLPXlatBlocked", "a translated packet was blocked"},
}

// ParseAER reads one line of a PCI Express error report, with any prefix, of
// kernels from 4.x to 6.18. Source: drivers/pci/pcie/aer.c aer_print_source,
// aer_print_error and __aer_print_error.
func ParseAER(line string) (AERError, bool) {
	line = bounded(line)
	if i := strings.Index(line, "PCIe Bus Error: severity="); i >= 0 {
		return parseAERReport(line[:i], line[i+len("PCIe Bus Error: "):])
	}
	if i := strings.Index(line, "device ["); i >= 0 && strings.Contains(line[i:], "error status/mask=") {
		return parseAERStatus(line[:i], line[i+len("device ["):])
	}
	if i := strings.Index(line, "AER: "); i >= 0 {
		return parseAERMessage(line[:i], line[i+len("AER: "):])
	}
	return parseAERDetail(line)
}

func aerSeverity(text string) AERSeverity {
	switch {
	case strings.HasPrefix(text, "Correct"):
		return AERCorrected
	case strings.HasPrefix(text, "Uncorrect") && strings.Contains(text, "(Non-Fatal)"):
		return AERNonFatal
	case strings.HasPrefix(text, "Uncorrect") && strings.Contains(text, "(Fatal)"):
		return AERFatal
	}
	return AERUnknown
}

func parseAERReport(prefix, text string) (AERError, bool) {
	e := AERError{Line: AERReport}
	e.Reporter, e.Driver = prefixDevice(prefix)
	severity, rest, _ := strings.Cut(strings.TrimPrefix(text, "severity="), ",")
	if e.Severity = aerSeverity(severity); e.Severity == AERUnknown {
		return AERError{}, false
	}
	if v, ok := after(rest, "type="); ok {
		var layer string
		layer, rest, _ = strings.Cut(v, ",")
		e.Layer = oneOf(layer, aerLayers[:])
	}
	if id, ok := after(rest, "id="); ok {
		e.Source = bdfOfID(token(id))
	}
	if v, ok := after(rest, "("); ok {
		agent, _, _ := strings.Cut(v, ")")
		e.Agent = oneOf(agent, aerAgents[:])
	}
	return e, true
}

var (
	aerLayers = [...]string{"Physical Layer", "Data Link Layer", "Transaction Layer", "Inaccessible"}
	aerAgents = [...]string{"Receiver ID", "Requester ID", "Completer ID", "Transmitter ID", "Unregistered Agent ID"}
)

// oneOf returns s when it is among the known words, else "".
func oneOf(s string, known []string) string {
	if slices.Contains(known, s) {
		return s
	}
	return ""
}

func parseAERStatus(prefix, text string) (AERError, bool) {
	e := AERError{Line: AERStatus}
	e.Reporter, e.Driver = prefixDevice(prefix)
	vendor, product, ok := ParseDeviceID(token(text))
	if !ok {
		return AERError{}, false
	}
	e.Vendor, e.Product = vendor, product
	v, _ := after(text, "error status/mask=")
	status, mask, _ := strings.Cut(token(v), "/")
	s, ok := parseHex(status, 32)
	if !ok {
		return AERError{}, false
	}
	e.Status = uint32(s)
	m, _ := parseHex(mask, 32)
	e.Mask = uint32(m)
	return e, true
}

func parseAERMessage(prefix, text string) (AERError, bool) {
	e := AERError{Line: AERMessage}
	e.Reporter, e.Driver = prefixDevice(prefix)
	text = strings.TrimPrefix(text, "Multiple ")
	head, rest, ok := strings.Cut(text, " received")
	if !ok || !strings.Contains(head, "error") {
		return AERError{}, false
	}
	if e.Severity = aerSeverity(head); e.Severity == AERUnknown {
		return AERError{}, false
	}
	rest = strings.TrimPrefix(strings.TrimPrefix(rest, ": "), " from ")
	if id, ok := strings.CutPrefix(rest, "id="); ok {
		e.Source = bdfOfID(token(id))
	} else if bdf, ok := canonicalBDF(token(rest)); ok {
		e.Source = bdf
	}
	return e, true
}

// parseAERDetail reads "   [12] Timeout                (First)". The name must
// be one that the number has, since brackets and numbers stand everywhere.
func parseAERDetail(line string) (AERError, bool) {
	i := strings.LastIndexByte(line, '[')
	if i < 0 {
		return AERError{}, false
	}
	number, rest, ok := strings.Cut(line[i+1:], "]")
	if !ok {
		return AERError{}, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 5)
	if err != nil {
		return AERError{}, false
	}
	words := strings.Fields(rest)
	if len(words) == 0 || len(words) > 2 {
		return AERError{}, false
	}
	e := AERError{Line: AERDetail, Bit: uint8(n), First: len(words) == 2 && words[1] == "(First)"}
	if len(words) == 2 && !e.First {
		return AERError{}, false
	}
	e.Reporter, e.Driver = prefixDevice(line[:i])
	for _, b := range AERBits(1<<n, AERUnknown) {
		if b.Name == words[0] {
			if isCorrectable(b) {
				e.Severity = AERCorrected
			}
			return e, true
		}
	}
	return AERError{}, false
}

func isCorrectable(b AERBit) bool {
	for _, c := range aerCorrectable {
		if c.name == b.Name && c.n == b.Bit {
			return true
		}
	}
	return false
}

// bdfOfID returns the PCI address of a requester id as old kernels print it:
// "00e7" is 0000:00:1c.7.
func bdfOfID(id string) string {
	n, ok := parseHex(id, 16)
	if !ok {
		return ""
	}
	return fmt.Sprintf("0000:%02x:%02x.%d", n>>8, n>>3&0x1f, n&7)
}
