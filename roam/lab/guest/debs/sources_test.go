package debs

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestParseList(t *testing.T) {
	const text = `# a comment
deb http://mirror.example/debian trixie main contrib # at the end
deb-src http://mirror.example/debian trixie main
	deb	[ arch=amd64,arm64 signed-by=/a.gpg,/b.gpg  Trusted=yes ]	http://two.example/debian	forky	main

#deb http://off.example/debian sid main
deb [broken http://x.example/debian sid main
deb
deb http://short.example
deb http://flat.example ./
`
	got, err := ParseList("x.list", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []Source{
		{File: "x.list", URIs: []string{"http://mirror.example/debian"}, Suites: []string{"trixie"}, Components: []string{"main", "contrib"}, Options: map[string]string{}},
		{File: "x.list", URIs: []string{"http://two.example/debian"}, Suites: []string{"forky"}, Components: []string{"main"}, Options: map[string]string{"Signed-By": "/a.gpg /b.gpg", "Trusted": "yes"}},
		{File: "x.list", URIs: []string{"http://flat.example"}, Suites: []string{"./"}, Components: []string{}, Options: map[string]string{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestParseDeb822(t *testing.T) {
	const text = `# first
Types: deb deb-src
URIs: http://mirror.example/debian/
# between
Suites: bookworm bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----

types: deb
uris: http://one.example/debian
 http://two.example/debian
suites: sid
components: main
by-hash: force
enabled: yes

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: sid
Components: main

Types: deb-src
URIs: http://src.example/debian
Suites: sid

no colon here
 and more of it
Types: deb
Suites: nowhere
`
	got, err := ParseDeb822("x.sources", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []Source{
		{
			File: "x.sources", URIs: []string{"http://mirror.example/debian/"}, Suites: []string{"bookworm", "bookworm-updates"}, Components: []string{"main"},
			Options: map[string]string{"Signed-By": "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----"},
		},
		{
			File: "x.sources", URIs: []string{"http://one.example/debian", "http://two.example/debian"}, Suites: []string{"sid"}, Components: []string{"main"},
			Options: map[string]string{"By-Hash": "force"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFindMirror(t *testing.T) {
	const security = "deb http://mirror.example/debian-security trixie-security main\n"
	const thirdParty = "deb [signed-by=/usr/share/keyrings/db.gpg] http://db.example/repo/debian-db bookworm main\n"
	tests := map[string]struct {
		files map[string]string
		want  string // first address
	}{
		"one line":        {map[string]string{"sources.list": security + "deb http://mirror.example/debian trixie main\n"}, "http://mirror.example/debian"},
		"deb822":          {map[string]string{"sources.list.d/debian.sources": "Types: deb\nURIs: https://m.example/debian/\nSuites: forky\nComponents: main\n"}, "https://m.example/debian/"},
		"backports alone": {map[string]string{"sources.list": "deb http://m.example/debian bookworm-backports main\n"}, "http://m.example/debian"},
		"after a third party's": {map[string]string{
			"sources.list":                  thirdParty,
			"sources.list.d/a.list":         "deb http://else.example/thing bookworm main\n",
			"sources.list.d/debian.sources": "Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
		}, "http://m.example/debian"},
		"a mirror of another name": {map[string]string{"sources.list": "deb http://m.example/mirror/os bookworm main\n"}, "http://m.example/mirror/os"},
		"a list of mirrors":        {map[string]string{"sources.list": "deb mirror+file:/etc/apt/mirrors/debian.list bookworm main\n"}, "mirror+file:/etc/apt/mirrors/debian.list"},
		"another distribution":     {map[string]string{"sources.list": "deb http://m.example/ubuntu noble main universe\n"}, ""},
		"security alone":           {map[string]string{"sources.list": security}, ""},
		"other files":              {map[string]string{"sources.list.d/x.list.save": "deb http://m.example/debian sid main\n", "sources.list.d/README": "deb http://m.example/debian sid main\n"}, ""},
		"none":                     {nil, ""},
	}
	for name, tt := range tests {
		etc := make(fstest.MapFS)
		for path, text := range tt.files {
			etc[path] = &fstest.MapFile{Data: []byte(text)}
		}
		all, err := ReadSources(etc)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := FindMirror(all)
		if tt.want == "" {
			if !errors.Is(err, ErrNoMirror) {
				t.Errorf("%s: %v, error %v", name, got, err)
			}
			continue
		}
		if err != nil || got.URIs[0] != tt.want {
			t.Errorf("%s: %v, error %v, want %s", name, got, err, tt.want)
		}
	}
}

func TestDeb822Written(t *testing.T) {
	s := Source{
		URIs: []string{"http://one.example/debian", "http://two.example/debian"}, Components: []string{"main"},
		Options: map[string]string{"Signed-By": "\n -----BEGIN-----\n .\n x", "By-Hash": "no"},
	}
	got, err := ParseDeb822("again", strings.NewReader(s.deb822("forky", "amd64")))
	if err != nil {
		t.Fatal(err)
	}
	s.File, s.Suites = "again", []string{"forky"}
	if diff := cmp.Diff([]Source{s}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func FuzzSources(f *testing.F) {
	f.Add("deb [signed-by=/a] http://m.example/debian sid main\n")
	f.Add("Types: deb\nURIs: http://m.example/debian\nSuites: sid\nComponents: main\nSigned-By:\n a\n b\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, parse := range parsers {
			all, err := parse("f", strings.NewReader(text))
			if err != nil {
				continue
			}
			for _, s := range all {
				if len(s.URIs) == 0 || len(s.Suites) == 0 {
					t.Fatalf("a source without an address or suite: %+v", s)
				}
				// What is written for apt is one stanza, whatever was read.
				again, err := ParseDeb822("f", strings.NewReader(s.deb822("sid", "amd64")))
				if err != nil || len(again) != 1 {
					t.Fatalf("%d sources of %q, error %v", len(again), s.deb822("sid", "amd64"), err)
				}
			}
			if m, err := FindMirror(all); err == nil && (len(m.URIs) == 0 || len(m.Components) != 1) {
				t.Fatalf("mirror %+v", m)
			}
		}
	})
}
