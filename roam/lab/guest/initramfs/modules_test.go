package initramfs

import (
	"bytes"
	"compress/gzip"
	"debug/elf"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

func moduleFile(t testing.TB, info ...string) []byte {
	return elfFile(t, elf.ET_REL, map[string]string{".modinfo": strings.Join(info, "\x00") + "\x00"}, nil)
}

func compressGzip(t testing.TB, b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func compressXZ(t testing.TB, b []byte) []byte {
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func compressZstd(t testing.TB, b []byte) []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

// modules makes a directory of modules; names have their suffixes.
func modules(t *testing.T, files map[string][]byte, builtin string) *Modules {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		p := filepath.Join(dir, "kernel", name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if builtin != "" {
		if err := os.WriteFile(filepath.Join(dir, "modules.builtin"), []byte(builtin), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m, err := OpenModules(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func radioModules(t *testing.T) *Modules {
	return modules(t, map[string][]byte{
		"net/rfkill.ko":          moduleFile(t, "license=GPL"),
		"net/cfg80211.ko.xz":     compressXZ(t, moduleFile(t, "depends=rfkill")),
		"lib/libarc4.ko.zst":     compressZstd(t, moduleFile(t, "depends=")),
		"net/mac80211.ko.gz":     compressGzip(t, moduleFile(t, "depends=cfg80211,libarc4", "softdep=pre: a-wish b_wish post: later")),
		"net/mac80211-hwsim.ko":  moduleFile(t, "depends=mac80211,cfg80211", "alias=platform:hwsim", "alias=net-pf-16-proto-16-family-X"),
		"wish/a_wish.ko":         moduleFile(t),
		"circle/one.ko":          moduleFile(t, "depends=two"),
		"circle/two.ko":          moduleFile(t, "depends=one"),
		"soft/left.ko":           moduleFile(t, "softdep=pre: right"),
		"soft/right.ko":          moduleFile(t, "softdep=pre: left"),
		"broken/lacks.ko":        moduleFile(t, "depends=nothing"),
		"broken/no-info.ko":      elfFile(t, elf.ET_REL, map[string]string{}, nil),
		"broken/text.ko":         []byte(strings.Repeat("text", 99)),
		"broken/cut.ko.xz":       compressXZ(t, moduleFile(t))[:40],
		"builtin/needs_built.ko": moduleFile(t, "depends=built-in"),
	}, "kernel/x/built-in.ko\n")
}

func names(all []*Module) (list []string) {
	for _, m := range all {
		list = append(list, m.Name)
	}
	return list
}

func TestOrder(t *testing.T) {
	m := radioModules(t)
	tests := []struct {
		want []string
		of   []string
		err  string
	}{
		{of: []string{"mac80211_hwsim"}, want: []string{"a_wish", "rfkill", "cfg80211", "libarc4", "mac80211", "mac80211_hwsim"}},
		{of: []string{"mac80211-hwsim", "rfkill", "cfg80211"}, want: []string{"a_wish", "rfkill", "cfg80211", "libarc4", "mac80211", "mac80211_hwsim"}},
		{of: []string{"rfkill", "libarc4"}, want: []string{"rfkill", "libarc4"}},
		{of: []string{"built_in", "rfkill"}, want: []string{"rfkill"}},
		{of: []string{"needs-built"}, want: []string{"needs_built"}},
		{of: []string{"left"}, want: []string{"right", "left"}},
		{of: nil, want: nil},
		{of: []string{"one"}, err: "needed by one: needed by two: module one depends on itself"},
		{of: []string{"absent"}, err: "absent: no such module"},
		{of: []string{"lacks"}, err: "needed by lacks: nothing: no such module"},
		{of: []string{"no_info"}, err: "no .modinfo"},
		{of: []string{"text"}, err: "bad magic"},
		{of: []string{"cut"}, err: "decompress xz"},
	}
	for _, tt := range tests {
		got, err := m.Order(tt.of...)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%v: error %v, want %s", tt.of, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%v: %v", tt.of, err)
		}
		if diff := cmp.Diff(tt.want, names(got)); diff != "" {
			t.Errorf("%v: -want +got:\n%s", tt.of, diff)
		}
	}
	if _, err := m.Order("absent"); !errors.Is(err, ErrNoModule) {
		t.Errorf("error %v does not wrap ErrNoModule", err)
	}
	if m.Len() != 15 {
		t.Errorf("%d modules", m.Len())
	}
}

func TestAddModules(t *testing.T) {
	all, err := radioModules(t).Order("mac80211_hwsim")
	if err != nil {
		t.Fatal(err)
	}
	tree := NewRoot()
	AddModules(tree, "1.2.3", all)
	got := make(map[string]string)
	for _, e := range tree.Entries() {
		if rest, ok := strings.CutPrefix(e.Name, "usr/lib/modules/1.2.3/"); ok && strings.HasPrefix(rest, "modules.") {
			got[rest] = string(e.Data)
		}
	}
	want := map[string]string{
		"modules.alias": "alias platform:hwsim mac80211_hwsim\nalias net-pf-16-proto-16-family-X mac80211_hwsim\n",
		"modules.dep": "kernel/wish/a_wish.ko:\n" +
			"kernel/net/rfkill.ko:\n" +
			"kernel/net/cfg80211.ko: kernel/net/rfkill.ko\n" +
			"kernel/lib/libarc4.ko:\n" +
			"kernel/net/mac80211.ko: kernel/lib/libarc4.ko kernel/net/cfg80211.ko kernel/net/rfkill.ko\n" +
			"kernel/net/mac80211-hwsim.ko: kernel/net/mac80211.ko kernel/lib/libarc4.ko kernel/net/cfg80211.ko kernel/net/rfkill.ko\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, m := range all {
		if !bytes.HasPrefix(m.Data, []byte(elf.ELFMAG)) {
			t.Errorf("%s is compressed", m.Name)
		}
		if !tree.Has(ModulePath("1.2.3", m)) {
			t.Errorf("no %s", ModulePath("1.2.3", m))
		}
	}
}

func TestDecompressIsBounded(t *testing.T) {
	zeros := make([]byte, 1<<20)
	for name, b := range map[string][]byte{"gzip": compressGzip(t, zeros), "xz": compressXZ(t, zeros), "zstd": compressZstd(t, zeros)} {
		if out, err := decompress(b, 1<<20); err != nil || len(out) != 1<<20 {
			t.Errorf("%s: %d bytes, %v", name, len(out), err)
		}
		if _, err := decompress(b, 1<<20-1); err == nil {
			t.Errorf("%s: no error past the limit", name)
		}
	}
}

func FuzzModule(f *testing.F) {
	f.Add(moduleFile(f, "depends=a,b-c", "softdep=pre: d post: e", "alias=x"))
	f.Add(moduleFile(f, "depends=a,b-c softdep=pr\xfa"))
	f.Add(moduleFile(f, "softdep=pre: a/b c,d \u00a0e", "alias=x\ny"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := Module{Data: b}
		if err := m.parseInfo(); err != nil {
			return
		}
		for _, name := range append(m.Depends, m.Before...) {
			if name == "" || strings.ContainsAny(name, "-/, \n\x00") {
				t.Errorf("a module named %q", name)
			}
		}
		for _, alias := range m.Aliases {
			if strings.ContainsAny(alias, " \n\x00") {
				t.Errorf("an alias %q", alias)
			}
		}
	})
}
