package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// planOf parses the flags of a plan.
func planOf(t *testing.T, args ...string) (*planFlags, *cobra.Command) {
	t.Helper()
	var f planFlags
	cmd := &cobra.Command{Use: "test"}
	f.add(cmd, "US")
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return &f, cmd
}

func TestPlanFlags(t *testing.T) {
	tests := []struct {
		name  string
		args  []string
		links [][]int // frequencies of the links, by access point
		mld   bool
		check func(ap.Config) bool
	}{
		{"none", nil, [][]int{{5180, 5745}, {5220, 5785}}, true, func(c ap.Config) bool { return c.Security == ap.SAE && c.Password == "roamfault" }},
		{"three links on all bands", []string{"--links=3", "--bands=2.4,5,6"}, [][]int{{2412, 5180, 5975}, {2437, 5220, 6055}}, true, nil},
		{"bands in turn", []string{"--links=3", "--bands=5, 6"}, [][]int{{5180, 5975, 5745}, {5220, 6055, 5785}}, true, nil},
		{"no MLD", []string{"--no-mld", "--links=2", "--aps=3", "--bands=2.4"}, [][]int{{2412}, {2437}, {2462}}, false, nil},
		{"no password", []string{"--security=open", "--no-mld", "--aps=1"}, [][]int{{5180}}, false, func(c ap.Config) bool { return c.Password == "" }},
		{"all of WPA3", []string{"--aps=1", "--beacon-protection", "--ext-key", "--ssid=x", "--password=y"}, [][]int{{5180, 5745}}, true,
			func(c ap.Config) bool { return c.BeaconProtection && c.ExtKey && c.SSID == "x" && c.Password == "y" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := planOf(t, tt.args...)
			p, err := f.plan()
			if err != nil {
				t.Fatal(err)
			}
			var links [][]int
			for _, c := range p.APs {
				var freqs []int
				for _, l := range c.Links {
					freqs = append(freqs, l.Channel.Freq)
				}
				links = append(links, freqs)
				if c.MLD.IsZero() == tt.mld || tt.check != nil && !tt.check(c) {
					t.Errorf("access point %+v", c)
				}
			}
			if diff := cmp.Diff(tt.links, links); diff != "" {
				t.Errorf("frequencies (-want +got):\n%s", diff)
			}
		})
	}
}

// Every choice of bands gives access points that can be.
func TestPlanBands(t *testing.T) {
	for _, bands := range []string{"2.4", "5", "6", "2.4,5", "5,6", "6,2.4,5"} {
		f, _ := planOf(t, "--aps=4", "--links=3", "--bands="+bands)
		if _, err := f.plan(); err != nil {
			t.Errorf("%s: %v", bands, err)
		}
	}
}

func TestPlanFlagsFail(t *testing.T) {
	for args, says := range map[string]string{
		"--aps=5":                               "1 to 4",
		"--links=0":                             "1 to 3",
		"--stations=101":                        "1 to 100",
		"--bands=60":                            `"60" is none of 2.4, 5, 6`,
		"--bands=5,":                            `"" is none of 2.4, 5, 6`,
		"--country=us":                          "two capital letters",
		"--security=wep":                        "wep",
		"--ssid=":                               "SSID",
		"--security=psk --no-mld --password=ab": "assword",
		"--security=psk":                        "multi-link",
	} {
		f, _ := planOf(t, strings.Fields(args)...)
		if _, err := f.plan(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one that says %q", args, err, says)
		}
	}
}

// What is handed on to another roamfault means the same there.
func TestPlanFlagsAgain(t *testing.T) {
	f, cmd := planOf(t, "--aps=3", "--no-mld", "--ssid=a b", "--bands=2.4,5", "--country=")
	args := f.again(cmd)
	want := []string{"--aps=3", "--no-mld=true", "--bands=2.4,5", "--ssid=a b", "--country="}
	if diff := cmp.Diff(want, args); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	again, _ := planOf(t, args...)
	if diff := cmp.Diff(f, again, cmp.AllowUnexported(planFlags{})); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
	if got := (&labVMFlags{plan: *f, lab: true}).args(args, []string{"iw", "dev"}); strings.Join(got, " ") !=
		"/usr/bin/roamfault lab up --here --aps=3 --no-mld=true --bands=2.4,5 --ssid=a b --country= -- iw dev" {
		t.Errorf("command %q", got)
	}
	f, _ = planOf(t)
	if got := (&labVMFlags{plan: *f, lab: true, events: true}).args(nil, []string{"iw"}); strings.Join(got, " ") !=
		"/usr/bin/roamfault lab up --here --country=US --events -- iw" {
		t.Errorf("command %q", got)
	}
}

func TestParseRule(t *testing.T) {
	link := uint8(1)
	tests := []struct {
		words []string
		want  ap.Rule
		typed string
	}{
		{[]string{"deauth", "reason=6", "unprotected=true", "station=02:00:00:00:01:00"},
			ap.Rule{Fault: "deauth", Reason: 6, Unprotected: true, Station: dot11.Addr{2, 0, 0, 0, 1, 0}},
			"deauth reason=6 station=02:00:00:00:01:00 unprotected=true"},
		{[]string{"deauth", "reason=disassoc_sta_has_left", "group=1"}, ap.Rule{Fault: "deauth", Reason: 8, Group: true}, "deauth group=true reason=8"},
		{[]string{"signal", "link=1", "signal=-85", "tu=3000"}, ap.Rule{Fault: "signal", Link: &link, Signal: -85, TU: 3000}, "signal link=1 signal=-85 tu=3000"},
		{[]string{"silence", "frame=auth", "count=2", "probability=0.5"}, ap.Rule{Fault: "silence", Frame: "auth", Count: 2, Probability: 0.5},
			"silence count=2 frame=auth probability=0.5"},
		{[]string{"transition", "address=02:00:00:02:00:00", "channel=44"}, ap.Rule{Fault: "transition", Address: dot11.Addr{2, 0, 0, 2, 0, 0}, Channel: 44},
			"transition address=02:00:00:02:00:00 channel=44"},
	}
	for _, tt := range tests {
		got, err := parseRule(tt.words[0], tt.words[1:])
		if err != nil {
			t.Errorf("%v: %v", tt.words, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%v: rule (-want +got):\n%s", tt.words, diff)
		}
		if typed := ruleWords(got); typed != tt.typed {
			t.Errorf("%v: typed %q, want %q", tt.words, typed, tt.typed)
		}
	}
	for words, says := range map[string]string{
		"nonsense":                "no fault",
		"deauth reason":           "number or name",
		"deauth reason=-1":        "number or name",
		"deauth status=nonsense":  "number or name",
		"deauth because=6":        "KEY=VALUE",
		"signal signal=loud":      "a number is wanted",
		"signal link=256":         "number of a link",
		"silence probability=2":   "above 0 and up to 1",
		"silence probability=NaN": "above 0 and up to 1",
		"delay tu=-1":             "1024 microseconds",
		"deauth station=me":       "an address",
		"deauth group=perhaps":    "true or false",
	} {
		fields := strings.Fields(words)
		if _, err := parseRule(fields[0], fields[1:]); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one that says %q", words, err, says)
		}
	}
}

// Each parameter that a fault can have can be typed.
func TestRuleKeys(t *testing.T) {
	for _, f := range ap.Faults() {
		for _, p := range f.Parameters {
			if ruleKeys[p] == nil {
				t.Errorf("fault %s: no key %s", f.Name, p)
			}
		}
	}
}
