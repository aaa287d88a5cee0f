package doctor

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/ulikunitz/xz"

	"roamfault/nl80211"
	"roamfault/reports/schema"
)

var update = flag.Bool("update", false, "write the golden files")

func run(t testing.TB, s System) []Result {
	t.Helper()
	results, err := Run(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func TestMachines(t *testing.T) {
	for name, system := range machines {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			for _, r := range run(t, system) {
				fmt.Fprintf(&got, "%s %s [%s] %s\n", r.State, r.Check, r.Subject, r.Detail)
				if r.Advice != "" {
					fmt.Fprintf(&got, "\t-> %s\n", r.Advice)
				}
			}
			file := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever a machine is like, every check has a result, what is not there has
// something to do, and all is as the schema says.
func TestEveryResultIsWhole(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.Doctor))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("doctor.json", document); err != nil {
		t.Fatal(err)
	}
	shape, err := c.Compile("doctor.json#/$defs/result")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, check := range Checks() {
		names = append(names, check.Name)
		if check.About == "" {
			t.Errorf("%s: nobody says what it looks at", check.Name)
		}
	}
	for name, system := range machines {
		var got []string
		for _, r := range run(t, system) {
			if !slices.Contains(got, r.Check) {
				got = append(got, r.Check)
			}
			if r.State != OK && r.Advice == "" {
				t.Errorf("%s, %s: %s without anything to do", name, r.Check, r.State)
			}
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := shape.Validate(value); err != nil {
				t.Errorf("%s: %v in %s", name, err, text)
			}
		}
		if diff := cmp.Diff(names, got); diff != "" {
			t.Errorf("%s: checks (-want +got):\n%s", name, diff)
		}
	}
	listed := document.(map[string]any)["$defs"].(map[string]any)["result"].(map[string]any)["properties"].(map[string]any)["check"].(map[string]any)["enum"].([]any)
	if got := fmt.Sprint(listed); got != fmt.Sprint(names) {
		t.Errorf("the schema lists %s, and the checks are %s", got, names)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if results, err := Run(ctx, System{Files: tree()}); !errors.Is(err, context.Canceled) || len(results) != 0 {
		t.Errorf("%d results, %v", len(results), err)
	}
}

func TestModuleFiles(t *testing.T) {
	plain := module("srcversion=AAAA", "intree=Y", "firmware=a.bin", "firmware=b.bin", "name=x")
	var gz, lzma bytes.Buffer
	g := gzip.NewWriter(&gz)
	x, err := xz.NewWriter(&lzma)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{second(g.Write([]byte(plain))), g.Close(), second(x.Write([]byte(plain))), x.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	m := newMachine(System{Files: tree(base, map[string]string{
		lib + "a.ko": plain, lib + "a.ko.gz": gz.String(), lib + "a.ko.xz": lzma.String(), lib + "a.ko.zst": zst(plain),
		lib + "text.ko": "no module", lib + "text.ko.xz": "no module", lib + "cut.ko": plain[:len(plain)-1],
	})})
	want := moduleInfo{srcVersion: "AAAA", inTree: true, firmware: []string{"a.bin", "b.bin"}}
	for _, file := range []string{"a.ko", "a.ko.gz", "a.ko.xz", "a.ko.zst", "/" + lib + "a.ko"} {
		if diff := cmp.Diff(want, m.info(file), cmp.AllowUnexported(moduleInfo{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
	for _, file := range []string{"text.ko", "text.ko.xz", "cut.ko", "none.ko", "../../../etc/passwd"} {
		if info := m.info(file); info.err == nil {
			t.Errorf("%s: %+v", file, info)
		}
	}
}

func second(_ int, err error) error { return err }

func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		name  string
		file  string
		files map[string]string
		want  string
	}{
		{"same source", module("srcversion=A"), map[string]string{"srcversion": "A\n"}, "srcversion A, srcversion A, true"},
		{"other source", module("srcversion=A"), map[string]string{"srcversion": "B\n"}, "srcversion B, srcversion A, true"},
		{"from outside, by taint", module("intree=Y"), map[string]string{"taint": "OE\n"}, "not of the kernel's tree, of the kernel's tree, true"},
		{"nothing to go by", module("intree=Y"), map[string]string{"taint": "\n"}, "of the kernel's tree, of the kernel's tree, false"},
		{"nothing to be read", module("intree=Y"), nil, ", , false"},
		{"no file", "", map[string]string{"srcversion": "A\n"}, ", , false"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{lib + "x.ko": tt.file}
			for name, text := range tt.files {
				files["sys/module/x/"+name] = text
			}
			loaded, there, ok := newMachine(System{Files: tree(base, files)}).compare("x", "x.ko")
			if got := fmt.Sprintf("%s, %s, %v", loaded, there, ok); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// What others have written comes out as one line that prints.
func FuzzRun(f *testing.F) {
	f.Add("mt7925e.ko: mt76.ko", "alias pci:* mt7925e", "PCI_ID=14C3:7925\nMODALIAS=pci:x", "lab", module("srcversion=A"))
	f.Add("\x1b[2J.ko:\x00", "alias [ x", "PRODUCT=//\nDRIVER=", "\x1b[31m\u202e", "\x7fELF")
	f.Add("", "", "", "\x1b[31m\xe2\u2000\xae", "") // a space that is not the ASCII one
	f.Fuzz(func(t *testing.T, dep, alias, uevent, network, file string) {
		if len(network) > 32 {
			t.Skip("no SSID is longer")
		}
		files := laptop(map[string]string{
			lib + "modules.alias": alias, pci + "/uevent": uevent, lib + "modules.dep": dep + "\nmt7925e.ko: " + dep, lib + "mt7925e.ko": file,
			"proc/cmdline": network, "sys/module/mt7925e/srcversion": network, "sys/class/ieee80211/phy0/name": network,
		})
		s := System{Files: files, Wireless: air{wiphys: air7925.wiphys, interfaces: air7925.interfaces, heard: []nl80211.BSS{associated(bss(1, network))}}, Firmware: func(string) (string, error) { return network, nil }}
		for _, r := range run(t, s) {
			for _, text := range []string{r.Subject, r.Detail, r.Advice} {
				for _, c := range text {
					if !unicode.IsGraphic(c) {
						t.Fatalf("%s: %q", r.Check, text)
					}
				}
			}
		}
	})
}
