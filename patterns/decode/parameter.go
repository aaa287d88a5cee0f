package decode

import (
	"slices"
	"strings"
)

// telling are beginnings of kernel parameters that change how Wi-Fi cards work
// (Documentation/admin-guide/kernel-parameters.txt, and parameters of modules).
var telling = [...]string{
	"pcie_aspm", "pcie_port_pm", "pci=", "iommu", "intel_iommu", "amd_iommu", "mem_sleep_default", "mitigations",
	"cfg80211.", "mac80211.", "mt76", "mt79", "iwlwifi.", "ath1", "rtw8", "rtw_", "modprobe.blacklist", "module_blacklist",
}

// KernelParameters returns those of a kernel's command line that change how Wi-Fi
// cards work. What else is there is nobody's business: names of disks, and keys.
func KernelParameters(commandLine string) []string {
	return slices.DeleteFunc(strings.Fields(commandLine), func(word string) bool {
		return !slices.ContainsFunc(telling[:], func(t string) bool { return strings.HasPrefix(word, t) })
	})
}
