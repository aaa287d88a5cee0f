package decode

import (
	"fmt"
	"strconv"
	"strings"
)

// IOMMUFault is what an IOMMU reports of a device whose memory access went
// where it may not, or of its own trouble with a device.
type IOMMUFault struct {
	// Unit is the kind of IOMMU: "AMD-Vi", "DMAR" (Intel) or "SMMU" (ARM).
	Unit string
	// Event is the kind of report as the unit names it: "IO_PAGE_FAULT",
	// "DMA", "INTR-REMAP", "F_TRANSLATION", ...
	Event string
	// Device is the PCI address with domain of the device at fault, or what
	// else an SMMU calls its client; empty when the line names none.
	Device string
	// Driver is the driver in the line's prefix, empty when there is none.
	Driver string
	// Access is "read", "write", "interrupt", or "" when the line does not tell.
	Access string
	// Address is the device's address that failed, when HasAddress is set.
	Address    uint64
	HasAddress bool
	// Domain is AMD's domain id, when HasDomain is set.
	Domain    uint32
	HasDomain bool
	// Flags is the unit's register or flag word as printed, when HasFlags is set.
	Flags    uint32
	HasFlags bool
	// FlagWords are the flags in plain words.
	FlagWords []string
	// Reason is Intel's fault reason, when HasReason is set.
	Reason    uint8
	HasReason bool
	// Meaning says in plain words what happened. It is never empty.
	Meaning string
}

// String returns the fault on one line: "AMD-Vi IO_PAGE_FAULT 0000:09:00.0 at 0xfee00000".
func (f IOMMUFault) String() string {
	var b strings.Builder
	b.WriteString(f.Unit)
	b.WriteByte(' ')
	b.WriteString(f.Event)
	if f.Access != "" {
		b.WriteByte(' ')
		b.WriteString(f.Access)
	}
	if f.Device != "" {
		b.WriteByte(' ')
		b.WriteString(f.Device)
	}
	if f.HasAddress {
		fmt.Fprintf(&b, " at 0x%x", f.Address)
	}
	return b.String()
}

// ParseIOMMU reads a line of the AMD, Intel or ARM IOMMU driver. The line may
// have any prefix and may be cut off; what it does not hold stays unset.
//
// Sources: drivers/iommu/amd/iommu.c iommu_print_event and
// amd_iommu_report_page_fault, drivers/iommu/intel/dmar.c dmar_fault_do_one,
// drivers/iommu/arm/arm-smmu-v3 arm_smmu_dump_event and
// drivers/iommu/arm/arm-smmu arm_smmu_context_fault.
func ParseIOMMU(line string) (IOMMUFault, bool) {
	line = bounded(line)
	if i := strings.Index(line, "AMD-Vi:"); i >= 0 {
		return parseAMDVi(line[:i], line[i+len("AMD-Vi:"):])
	}
	if i := strings.Index(line, "DMAR:"); i >= 0 {
		return parseDMAR(line[i+len("DMAR:"):])
	}
	if i := strings.Index(line, "arm-smmu"); i >= 0 {
		return parseSMMU(line[i:])
	}
	return IOMMUFault{}, false
}

func parseAMDVi(prefix, text string) (IOMMUFault, bool) {
	f := IOMMUFault{Unit: "AMD-Vi"}
	if strings.Contains(text, "Completion-Wait loop timed out") {
		f.Event, f.Meaning = "COMPLETION_WAIT_TIMEOUT", "the IOMMU did not finish its commands in time: a device may not answer it any more"
		return f, true
	}
	body, ok := after(text, "Event logged [")
	if !ok {
		return IOMMUFault{}, false
	}
	if strings.HasPrefix(body, "Device not attached") {
		f.Event, f.Meaning = "DEVICE_NOT_ATTACHED", "a device without a memory map of its own accessed memory; the next line names it"
		return f, true
	}
	f.Event = token(body)
	if !eventName(f.Event) {
		return IOMMUFault{}, false
	}
	for _, e := range amdEvents {
		if e.name == f.Event {
			f.Meaning = e.meaning
			if e.ofDevice {
				f.Device, f.Driver = prefixDevice(prefix)
			}
		}
	}
	if f.Meaning == "" {
		f.Meaning = "a report of the IOMMU that these tables do not know"
	}
	if dev, ok := field(body, "device="); ok {
		if bdf, ok := canonicalBDF(dev); ok {
			f.Device = bdf
		}
	}
	for _, key := range [...]string{"address=", "gpa=", "spa="} {
		if a, ok := hexField(body, key, 64); ok {
			f.Address, f.HasAddress = a, true
			break
		}
	}
	if d, ok := hexField(body, "domain=", 32); ok {
		f.Domain, f.HasDomain = uint32(d), true
	}
	if v, ok := hexField(body, "flags=", 32); ok {
		f.Flags, f.HasFlags = uint32(v), true
		if f.Event == "IO_PAGE_FAULT" {
			f.Access, f.FlagWords = amdPageFault(f.Flags)
		} else {
			f.FlagWords = bitNames(f.Flags, amdFlags[:])
		}
	}
	return f, true
}

type amdEvent struct {
	name     string
	ofDevice bool // the prefix names the device at fault, not the IOMMU
	meaning  string
}

var amdEvents = [...]amdEvent{
	{"IO_PAGE_FAULT", true, "the device accessed memory that it was not given: a driver that freed a buffer too early, or a device that goes on after a reset"},
	{"INVALID_DEVICE_REQUEST", false, "the device made a request that the IOMMU does not allow, as an access in an address range kept for interrupts"},
	{"IOTLB_INV_TIMEOUT", false, "the device did not confirm in time that it forgot old addresses: it hangs or left the bus"},
	{"ILLEGAL_DEV_TABLE_ENTRY", false, "the IOMMU's table has an invalid entry for the device"},
	{"DEV_TAB_HARDWARE_ERROR", false, "the IOMMU could not read its table of devices"},
	{"PAGE_TAB_HARDWARE_ERROR", false, "the IOMMU could not read the device's memory map"},
	{"ILLEGAL_COMMAND_ERROR", false, "the IOMMU was given an invalid command"},
	{"COMMAND_HARDWARE_ERROR", false, "the IOMMU could not read its commands"},
	{"INVALID_PPR_REQUEST", false, "the device asked for a page in an invalid way"},
	{"RMP_PAGE_FAULT", true, "the device accessed memory that belongs to a protected guest"},
	{"RMP_HW_ERROR", true, "the IOMMU could not check who owns the memory"},
	{"UNKNOWN", false, "a report of the IOMMU that the kernel does not know"},
}

// amdFlags are the flags of an IO_PAGE_FAULT entry (AMD I/O Virtualization
// Technology specification, event log; the kernel's EVENT_FLAG_I and
// EVENT_FLAG_RW are two of them).
var amdFlags = [...]bit{
	{0, "guest address", "the address is a guest's"},
	{1, "no execute", "the device wanted to execute"},
	{2, "user privilege", "the access was made with user privilege"},
	{3, "interrupt", "the request was an interrupt"},
	{4, "page present", "the page was there"},
	{5, "write", "the access was a write"},
	{6, "permission denied", "the page does not allow the access"},
	{7, "reserved bits set", "the memory map has an invalid entry"},
	{8, "translation request", "the device asked for a translation only"},
}

// amdPageFault reads the flags of an IO_PAGE_FAULT. A page that is not there
// has no flag of its own, and neither has a read.
func amdPageFault(flags uint32) (access string, words []string) {
	words = bitNames(flags, amdFlags[:])
	switch {
	case flags&(1<<3) != 0:
		access = "interrupt"
	case flags&(1<<5) != 0:
		access = "write"
	case flags&(1<<4) != 0:
		access = "read"
	}
	if flags&(1<<4|1<<3) == 0 {
		words = append(words, "page not present")
	}
	return access, words
}

// eventName reports whether s can be the name of a report: capitals, digits
// and underscores.
func eventName(s string) bool {
	return s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

func parseDMAR(text string) (IOMMUFault, bool) {
	f := IOMMUFault{Unit: "DMAR"}
	if v, ok := after(text, "handling fault status reg "); ok {
		status, ok := parseHex(token(v), 32)
		if !ok {
			return IOMMUFault{}, false
		}
		f.Event, f.Meaning = "FAULT_STATUS", "the IOMMU has faults to report; they follow"
		f.Flags, f.HasFlags = uint32(status), true
		f.FlagWords = bitNames(f.Flags, dmarStatus[:])
		return f, true
	}
	body, ok := after(text, "[")
	if !ok {
		return IOMMUFault{}, false
	}
	kind, body, ok := strings.Cut(body, "]")
	if !ok {
		return IOMMUFault{}, false
	}
	switch {
	case strings.HasPrefix(kind, "DMA Read"):
		f.Event, f.Access = "DMA", "read"
	case strings.HasPrefix(kind, "DMA Write"):
		f.Event, f.Access = "DMA", "write"
	case kind == "INTR-REMAP":
		f.Event, f.Access = "INTR-REMAP", "interrupt"
	default:
		return IOMMUFault{}, false
	}
	if dev, ok := after(body, "Request device ["); ok {
		if bdf, ok := canonicalBDF(token(dev)); ok {
			f.Device = bdf
		}
	}
	if a, ok := after(body, "fault addr "); ok {
		f.Address, f.HasAddress = parseHex(token(a), 64)
	}
	if r, ok := after(body, "fault reason "); ok {
		f.Reason, f.HasReason = parseFaultReason(token(r))
	}
	switch {
	case f.HasReason:
		f.Meaning = DMARReason(f.Reason)
	case f.Event == "DMA":
		f.Meaning = "the device accessed memory that it was not given"
	default:
		f.Meaning = "the device sent an interrupt that it was not given"
	}
	return f, true
}

// parseFaultReason reads a DMAR fault reason: hexadecimal with 0x, and
// without it decimal, as older kernels printed it.
func parseFaultReason(v string) (uint8, bool) {
	if strings.HasPrefix(v, "0x") {
		n, ok := parseHex(v, 8)
		return uint8(n), ok
	}
	n, err := strconv.ParseUint(v, 10, 8)
	return uint8(n), err == nil
}

// dmarStatus are the bits of the fault status register (Intel VT-d
// specification, Fault Status Register; DMA_FSTS_ in the kernel).
var dmarStatus = [...]bit{
	{0, "fault overflow", "more faults than the unit can keep"},
	{1, "fault pending", "a fault is recorded"},
	{2, "advanced fault overflow", "more advanced faults than the unit can keep"},
	{3, "advanced fault pending", "an advanced fault is recorded"},
	{4, "invalidation queue error", "the unit could not read its commands"},
	{5, "invalidation completion error", "a device answered an invalidation that was not asked for"},
	{6, "invalidation time-out", "a device did not answer an invalidation in time"},
	{7, "page request overflow", "more page requests than the unit can keep"},
}

// DMARReason says in plain words what an Intel fault reason stands for (VT-d
// specification, Fault Reason Encodings). It is never empty.
func DMARReason(reason uint8) string {
	for _, r := range dmarReasons {
		if r.reason == reason {
			return r.meaning
		}
	}
	return fmt.Sprintf("fault reason 0x%02x, which these tables do not know", reason)
}

type dmarReason struct {
	reason  uint8
	meaning string
}

var dmarReasons = [...]dmarReason{
	{0x00, "a fault made by software"},
	{0x01, "no root entry for the device's bus"},
	{0x02, "no context entry for the device: it has no memory map, or lost it"},
	{0x03, "the device's context entry is invalid"},
	{0x04, "the address is beyond what the unit can translate"},
	{0x05, "the device may not write there: the page is not mapped or read only"},
	{0x06, "the device may not read there: the page is not mapped"},
	{0x07, "the next page table cannot be reached"},
	{0x08, "the root table cannot be reached"},
	{0x09, "the context table cannot be reached"},
	{0x0a, "reserved bits are set in the root entry"},
	{0x0b, "reserved bits are set in the context entry"},
	{0x0c, "reserved bits are set in the page table entry"},
	{0x0d, "the device asked for a translation and is blocked"},

	{0x20, "reserved bits are set in the interrupt request"},
	{0x21, "the interrupt's index is beyond the table"},
	{0x22, "no entry for the interrupt: the device sent one that is not set up, or no longer"},
	{0x23, "the interrupt table cannot be reached"},
	{0x24, "reserved bits are set in the interrupt entry"},
	{0x25, "an interrupt in the old format is blocked"},
	{0x26, "the interrupt came from another device than its owner"},

	{0x30, "the root table cannot be reached"},
	{0x31, "a request with process id is not allowed in this translation mode"},
	{0x32, "a page group request is not allowed in this translation mode"},
	{0x38, "the root entry cannot be reached"},
	{0x39, "no root entry for the device's bus"},
	{0x3a, "reserved bits are set in the root entry"},
	{0x40, "the context entry cannot be reached"},
	{0x41, "no context entry for the device: it has no memory map, or lost it"},
	{0x42, "reserved bits are set in the context entry"},
	{0x43, "the device's context entry is invalid"},
	{0x44, "the device may not use a translation cache of its own"},
	{0x45, "the device may not use process ids"},
	{0x46, "the process id is greater than the context entry allows"},
	{0x47, "the device may not ask for pages"},
	{0x48, "the process id for requests without one is invalid"},
	{0x50, "the directory of process ids cannot be reached"},
	{0x51, "no directory entry for the process id"},
	{0x52, "reserved bits are set in the directory entry"},
	{0x58, "the table of process ids cannot be reached"},
	{0x59, "no table entry for the process id"},
	{0x5a, "reserved bits are set in the table entry"},
	{0x5b, "the table entry of the process id is invalid"},
	{0x5c, "the device may not execute"},
	{0x5d, "the device may not use supervisor privilege"},
	{0x70, "a first-level page table cannot be reached"},
	{0x71, "no first-level entry: the page is not mapped"},
	{0x72, "reserved bits are set in a first-level entry"},
	{0x73, "the top first-level table cannot be reached"},
	{0x74, "a first-level entry points beyond what the unit can translate"},
	{0x75, "the top first-level table may not be read"},
	{0x76, "a first-level table may not be read"},
	{0x77, "a first-level table may not be written"},
	{0x78, "a second-level page table cannot be reached"},
	{0x79, "the device may not access there: the page is not mapped or not allowed"},
	{0x7a, "reserved bits are set in a second-level entry"},
	{0x7b, "the second-level page table is invalid"},
	{0x7c, "a second-level entry would need its accessed or dirty bit set"},
	{0x80, "the address is not canonical"},
	{0x81, "the page belongs to the supervisor"},
	{0x82, "the page may not be executed"},
	{0x83, "the address is beyond what the hardware can translate"},
	{0x84, "a second-level entry points beyond what the unit can translate"},
	{0x85, "the device may not write there"},
	{0x86, "the device may not read there"},
	{0x87, "the address is in the range kept for interrupts"},
	{0x90, "a first-level entry would need its accessed or dirty bit set"},
}

func parseSMMU(text string) (IOMMUFault, bool) {
	f := IOMMUFault{Unit: "SMMU"}
	if v, ok := after(text, "Unhandled context fault: "); ok {
		f.Event, f.Meaning = "CONTEXT_FAULT", "the device accessed memory that it was not given"
		if fsr, ok := hexField(v, "fsr=", 32); ok {
			f.Flags, f.HasFlags = uint32(fsr), true
			f.FlagWords = bitNames(f.Flags, smmuFSR[:])
		}
		if fsynr, ok := hexField(v, "fsynr=", 32); ok {
			f.Access = "read"
			if fsynr&(1<<4) != 0 {
				f.Access = "write"
			}
		}
		f.Address, f.HasAddress = hexField(v, "iova=", 64)
		if sid, ok := hexField(v, "cbfrsynra=", 32); ok {
			f.Device = fmt.Sprintf("stream 0x%x", sid&0xffff)
		}
		return f, true
	}
	v, ok := after(text, "event")
	if !ok {
		return IOMMUFault{}, false
	}
	switch {
	case strings.HasPrefix(v, ": "):
		f.Event = token(v[2:])
		if !eventName(f.Event) {
			return IOMMUFault{}, false
		}
	case strings.HasPrefix(v, " 0x"):
		id, ok := parseHex(token(v[1:]), 8)
		if !ok || !strings.Contains(v, "received") {
			return IOMMUFault{}, false
		}
		f.Event = fmt.Sprintf("0x%02x", id)
		for _, e := range smmuEvents {
			if e.id == uint8(id) {
				f.Event = e.name
			}
		}
	default:
		return IOMMUFault{}, false
	}
	f.Meaning = "a report of the SMMU that these tables do not know"
	for _, e := range smmuEvents {
		if e.name == f.Event {
			f.Meaning = e.meaning
		}
	}
	if client, ok := after(v, "client: "); ok {
		f.Device = plainWord(token(client))
		if bdf, ok := canonicalBDF(f.Device); ok {
			f.Device = bdf
		}
	}
	if sid, ok := after(v, "sid: "); ok && f.Device == "" {
		if n, ok := parseHex(token(sid), 32); ok {
			f.Device = fmt.Sprintf("stream 0x%x", n)
		}
	}
	if iova, ok := after(v, "iova: "); ok {
		f.Address, f.HasAddress = parseHex(token(iova), 64)
	}
	return f, true
}

// smmuFSR are the bits of the SMMUv2 fault status register (Arm SMMUv2
// architecture, SMMU_CBn_FSR).
var smmuFSR = [...]bit{
	{1, "not mapped", "translation fault"},
	{2, "access flag", "access flag fault"},
	{3, "permission denied", "permission fault"},
	{4, "external abort", "external fault"},
	{5, "translation cache conflict", "TLB match conflict"},
	{6, "translation cache locked", "TLB lock fault"},
	{7, "address size", "address size fault"},
	{8, "unsupported transaction", "unsupported upstream transaction"},
	{30, "stalled", "the access waits for an answer"},
	{31, "several faults", "more faults than one"},
}

type smmuEvent struct {
	id      uint8
	name    string
	meaning string
}

// smmuEvents are the event numbers of the Arm SMMUv3 architecture.
var smmuEvents = [...]smmuEvent{
	{0x01, "F_UUT", "the device made a transaction that the SMMU does not support"},
	{0x02, "C_BAD_STREAMID", "the device's stream number is beyond the table"},
	{0x03, "F_STE_FETCH", "the stream table cannot be reached"},
	{0x04, "C_BAD_STE", "the device's stream table entry is invalid"},
	{0x05, "F_BAD_ATS_TREQ", "the device asked for a translation in an invalid way"},
	{0x06, "F_STREAM_DISABLED", "the device's stream is switched off"},
	{0x07, "F_TRANSL_FORBIDDEN", "the device may not use addresses that it translated itself"},
	{0x08, "C_BAD_SUBSTREAMID", "the process id is beyond the table"},
	{0x09, "F_CD_FETCH", "the context descriptor cannot be reached"},
	{0x0a, "C_BAD_CD", "the context descriptor is invalid"},
	{0x0b, "F_WALK_EABT", "a page table cannot be reached"},
	{0x10, "F_TRANSLATION", "the device accessed memory that is not mapped for it"},
	{0x11, "F_ADDR_SIZE", "the address is too large"},
	{0x12, "F_ACCESS", "the page's access flag is clear"},
	{0x13, "F_PERMISSION", "the device may not access the page in this way"},
	{0x20, "F_TLB_CONFLICT", "the translation cache holds two answers"},
	{0x21, "F_CFG_CONFLICT", "the configuration cache holds two answers"},
	{0x24, "E_PAGE_REQUEST", "the device asked for a page"},
	{0x25, "F_VMS_FETCH", "the virtual machine structure cannot be reached"},
}
