package decode

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKernelParameters(t *testing.T) {
	const line = "BOOT_IMAGE=/vmlinuz root=UUID=1234 quiet pcie_aspm=off secret.key=abc mt7925e.disable_aspm=1\tiommu.passthrough=1 x=pcie_aspm=off\n"
	want := []string{"pcie_aspm=off", "mt7925e.disable_aspm=1", "iommu.passthrough=1"}
	if diff := cmp.Diff(want, KernelParameters(line)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := KernelParameters("quiet"); len(got) != 0 {
		t.Errorf("%q", got)
	}
}
