package nl80211

import (
	"fmt"
	"testing"
)

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		value fmt.Stringer
		want  string
	}{
		{Width20NoHT, "20 MHz (no HT)"},
		{Width80P80, "80+80 MHz"},
		{Width320, "320 MHz"},
		{Width(99), "width 99"},
		{TypeStation, "station"},
		{TypeNAN, "NAN"},
		{InterfaceType(99), "interface type 99"},
		{ModulationEHT, "EHT"},
		{Modulation(99), "unknown"},
		{ChannelDef{}, "no channel"},
		{ChannelDef{Freq: 5180, Width: Width80}, "5180 MHz, 80 MHz wide"},
		{CommandAssocMLOReconf, "NL80211_CMD_ASSOC_MLO_RECONF"},
		{Command(0), "command 0"},
		{Command(255), "command 255"},
	} {
		if got := tt.value.String(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	for number, want := range map[uint16]string{
		attrExtMLDCapaAndOps: "NL80211_ATTR_EXT_MLD_CAPA_AND_OPS",
		0:                    "attribute 0",
		7:                    "attribute 7",
		60000:                "attribute 60000",
	} {
		if got := AttributeName(number); got != want {
			t.Errorf("AttributeName(%d) = %q, want %q", number, got, want)
		}
	}
	for width, want := range map[Width]int{Width80P80: 160, Width5: 5, Width(99): 0} {
		if got := width.MHz(); got != want {
			t.Errorf("%v is %d MHz, want %d", width, got, want)
		}
	}
}
