package debs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseURIs(t *testing.T) {
	const out = "Get something\n" +
		"'http://m.example/pool/a%2bb_1.0-1_amd64.deb' a+b_2%3a1.0-1~x_amd64.deb 123 SHA256:00ff\n" +
		"'file:/pool/with space/c_1_all.deb' c_1_all.deb 0 \n"
	got, err := parseURIs(out)
	if err != nil {
		t.Fatal(err)
	}
	want := []archive{{file: "a+b_2%3a1.0-1~x_amd64.deb", size: 123, hash: "SHA256", sum: "00ff"}, {file: "c_1_all.deb"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(archive{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if name, version := got[0].name(); name != "a+b" || version != "2:1.0-1~x" {
		t.Errorf("name %s, version %s", name, version)
	}
	for _, bad := range []string{"'x' ../../etc/passwd 3 SHA256:0", "'x' a.deb -3 SHA256:0", "'x' a.deb many SHA256:0", "'x", "'x' .hidden 3"} {
		if all, err := parseURIs(bad + "\n"); err == nil {
			t.Errorf("%q: %v", bad, all)
		}
	}
}

func TestConfiguration(t *testing.T) {
	a := &apt{dir: "/cache dir/x"}
	settings := strings.Join([]string{
		"Acquire::http::Proxy\thttp://user:pw@proxy.example:3128",
		"Acquire::https::Verify-Peer\ttrue",
		"Acquire::Check-Valid-Until\tfalse",
		"Acquire::http::Quote\ta\"b",
		"Acquire::IndexTargets::deb::DEP-11::MetaKey\tx",
		"APT::Update::Post-Invoke::\trm -f /var/cache/apt/archives/*.deb",
		"Dir::Cache\t/var/cache/apt",
		"no tab",
		"",
	}, "\n")
	got := a.configuration("amd64", settings)
	for _, want := range []string{
		"APT::Architecture \"amd64\";\n",
		"Dir::State \"/cache dir/x/state\";\n",
		"Dir::Etc::parts \"/cache dir/x/etc/parts\";\n",
		"Acquire::http::Proxy \"http://user:pw@proxy.example:3128\";\n",
		"Acquire::https::Verify-Peer \"true\";\n",
		"Acquire::Check-Valid-Until \"false\";\n",
		"APT::Get::AllowUnauthenticated \"false\";\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, not := range []string{"Post-Invoke", "IndexTargets", "/var/", "Quote"} {
		if strings.Contains(got, not) {
			t.Errorf("%s is carried over", not)
		}
	}
}

func TestRunTellsWhatWasSaid(t *testing.T) {
	_, err := run(context.Background(), "", nil, "sh", "-c", "echo out; echo one >&2; echo two >&2; exit 3")
	if err == nil || err.Error() != "sh echo out; echo one >&2; echo two >&2; exit 3: exit status 3: one; two" {
		t.Errorf("error %v", err)
	}
	out, err := run(context.Background(), t.TempDir(), []string{"X=y"}, "sh", "-c", "echo $X $LC_ALL")
	if err != nil || out != "y C.UTF-8\n" {
		t.Errorf("%q, %v", out, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := run(ctx, "", nil, "sleep", "60"); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("error %v", err)
	}
}

func TestConfigurationIsForUsEyesOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "apt")
	if _, err := newAPT(dir, Source{URIs: []string{"http://m.example/debian"}, Components: []string{"main"}}, "sid", "amd64", ""); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"apt.conf", "etc/sources.d/archive.sources"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}
