package debs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDefaultRecipe(t *testing.T) {
	r, err := DefaultRecipe()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"6.12", "7.x", "systemd", "user"} {
		if _, ok := r.Sets[name]; !ok {
			t.Errorf("no set %s", name)
		}
	}
	for name, set := range r.Sets {
		for _, p := range append(append([]string(nil), set.Programs...), set.Applets...) {
			if strings.HasPrefix(p, "/") || strings.Contains(p, "..") {
				t.Errorf("%s: %s is not below the root", name, p)
			}
		}
		seen := make(map[string]bool)
		for _, a := range set.Applets {
			if seen[a] {
				t.Errorf("%s: %s twice", name, a)
			}
			seen[a] = true
		}
	}
	// What a mirror of 2026 had.
	available := strings.Fields(`linux-image-6.12.9+deb12-amd64 linux-image-6.12.95+deb12-amd64 linux-image-6.12.95+deb12-rt-amd64
		linux-image-6.12.95+deb12-cloud-amd64 linux-image-6.12.90+deb12.1-amd64 linux-image-6.12.96+deb13-amd64 linux-image-6.12.99-amd64-dbg
		linux-binary-7.2.12+deb14-amd64 linux-modules-7.2.12+deb14-amd64 linux-binary-7.10.1+deb14-amd64 linux-modules-7.2.12+deb14-rt-amd64
		linux-binary-8.1.2+deb15-amd64 linux-modules-8.1.2+deb15-amd64`)
	tests := []struct {
		set, version string
		packages     []string
	}{
		{"6.12", "6.12.95+deb12", []string{"linux-image-6.12.95+deb12-amd64"}},
		{"7.x", "7.2.12+deb14", []string{"linux-binary-7.2.12+deb14-amd64", "linux-modules-7.2.12+deb14-amd64"}},
		{"user", "", r.Sets["user"].Packages},
	}
	for _, tt := range tests {
		packages, version, err := r.Sets[tt.set].resolve(available)
		if err != nil || version != tt.version {
			t.Errorf("%s: version %s, error %v, want %s", tt.set, version, err, tt.version)
		}
		if diff := cmp.Diff(tt.packages, packages); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.set, diff)
		}
	}
	if _, _, err := r.Sets["6.12"].resolve(available[4:5]); err != nil {
		t.Errorf("one version only: %v", err)
	}
	if _, _, err := r.Sets["7.x"].resolve(available[9:10]); err == nil {
		t.Error("half of a kernel is no error")
	}
}

func TestParseRecipeRefuses(t *testing.T) {
	tests := map[string]string{
		"no architecture":    "sets: {}",
		"unknown key":        "architecture: amd64\nsuites: {}",
		"no packages":        "architecture: amd64\nsets: {a: {suite: sid}}",
		"an option as suite": "architecture: amd64\nsets: {a: {suite: --x, packages: [b]}}",
		"an option":          "architecture: amd64\nsets: {a: {suite: sid, packages: [-oDir=x]}}",
		"a path":             "architecture: amd64\nsets: {a: {suite: sid, packages: [../b]}}",
		"VERSION of nothing": "architecture: amd64\nsets: {a: {suite: sid, packages: [b-VERSION]}}",
		"bad expression":     "architecture: amd64\nsets: {a: {suite: sid, version: '(', packages: [b-VERSION]}}",
	}
	for name, text := range tests {
		if _, err := ParseRecipe([]byte(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNewer(t *testing.T) {
	order := []string{"", "6.9", "6.12", "6.12.9+deb12", "6.12.90+deb12", "6.12.90+deb12.1", "6.12.95+deb12", "6.13", "10.0"}
	for i, a := range order {
		for j, b := range order {
			if newer(a, b) != (i > j) {
				t.Errorf("newer(%q, %q) is %v", a, b, newer(a, b))
			}
		}
	}
}

func TestKeyDependsOnWhatIsFetched(t *testing.T) {
	base := Set{Suite: "sid", Packages: []string{"a"}}
	key := func(s Set, arch string) string {
		k, err := s.key(arch)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	same := base
	same.Programs = []string{"usr/bin/x"}
	if key(base, "amd64") != key(same, "amd64") {
		t.Error("another program of the same packages would be fetched again")
	}
	other := base
	other.Packages = []string{"a", "b"}
	if key(base, "amd64") == key(other, "amd64") || key(base, "amd64") == key(base, "arm64") {
		t.Error("other packages have the same key")
	}
}
