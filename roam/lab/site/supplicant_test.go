package site

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
)

func TestSupplicantConfig(t *testing.T) {
	plan := func(changes ...func(*ap.Config)) lab.Plan {
		p, err := lab.DefaultPlan()
		if err != nil {
			t.Fatal(err)
		}
		for i, change := range changes {
			change(&p.APs[i])
		}
		return p
	}
	same := func(*ap.Config) {}
	tests := []struct {
		name       string
		supplicant Supplicant
		plan       lab.Plan
		want       string
	}{
		{
			name: "one network", supplicant: Supplicant{Control: "/run/wpa_supplicant", Country: "US"}, plan: plan(),
			want: `ctrl_interface=/run/wpa_supplicant
country=US
sae_pwe=2
network={
	ssid="roamfault-lab"
	key_mgmt=SAE
	sae_password="roamfault"
	ieee80211w=2
	scan_freq=5180 5220 5745 5785
}
`,
		},
		{
			name:       "two networks, further lines",
			supplicant: Supplicant{AllChannels: true, Global: []string{"pmf=1"}, Network: []string{`bgscan="simple:1:-70:2"`}},
			plan: plan(
				func(c *ap.Config) { c.Security, c.Password = ap.PSK, "a pass\"word" },
				func(c *ap.Config) { c.SSID, c.Security, c.Password = "ünter\n}", ap.Open, "" },
			),
			want: `sae_pwe=2
pmf=1
network={
	ssid="roamfault-lab"
	key_mgmt=WPA-PSK
	psk=P"\x61\x20\x70\x61\x73\x73\x22\x77\x6f\x72\x64"
	bgscan="simple:1:-70:2"
}
network={
	ssid=P"\xc3\xbc\x6e\x74\x65\x72\x0a\x7d"
	key_mgmt=NONE
	bgscan="simple:1:-70:2"
}
`,
		},
		{
			name: "all of WPA3", supplicant: Supplicant{AllChannels: true},
			plan: plan(func(c *ap.Config) { c.ExtKey, c.BeaconProtection = true, true }, same),
			want: `sae_pwe=2
network={
	ssid="roamfault-lab"
	key_mgmt=SAE SAE-EXT-KEY
	sae_password="roamfault"
	ieee80211w=2
	beacon_prot=1
}
`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.supplicant.Config(tt.plan)); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
		})
	}
}
