package dot11

import "testing"

// TestElementNumbers has the number of every element that is made here.
func TestElementNumbers(t *testing.T) {
	channel := Channel{Band: Band5GHz, Number: 36, Freq: 5180}
	he := DefaultHECapabilities(Band5GHz)
	heOperation, eht, ehtOperation := DefaultHEOperation(channel, 1), DefaultEHTCapabilities(&he), DefaultEHTOperation()
	wmm := DefaultWMM()
	tests := []struct {
		e       Element
		id, ext uint8
	}{
		{SSIDElement(nil), 0, 0},
		{(&TIM{}).Element(), 5, 0},
		{(&Country{}).Element(), 7, 0},
		{PowerConstraintElement(0), 32, 0},
		{ChannelSwitch{}.Element(), 37, 0},
		{ERPElement(), 42, 0},
		{(&HTCapabilities{}).Element(), 45, 0},
		{(&RSNE{}).Element(), 48, 0},
		{(&NeighborReport{}).Element(), 52, 0},
		{TimeoutInterval{}.Element(), 56, 0},
		{ExtChannelSwitch{}.Element(), 60, 0},
		{(&HTOperation{}).Element(), 61, 0},
		{(&MME{}).Element(), 76, 0},
		{ExtendedCapabilities{}.Element(), 127, 0},
		{(&VHTCapabilities{}).Element(), 191, 0},
		{(&VHTOperation{}).Element(), 192, 0},
		{ReducedNeighborReport{}.Element(), 201, 0},
		{wmm.Element(), 221, 0},
		{RSNXE{}.Element(), 244, 0},
		{he.Element(), 255, 35},
		{heOperation.Element(), 255, 36},
		{MaxChannelSwitchTime(0).Element(), 255, 52},
		{(&NonInheritance{}).Element(), 255, 56},
		{HE6GHzCapabilities(0).Element(), 255, 59},
		{ehtOperation.Element(), 255, 106},
		{(&MultiLink{}).Element(), 255, 107},
		{eht.Element(), 255, 108},
	}
	for _, tc := range tests {
		if tc.e.ID != tc.id || tc.e.Ext != tc.ext {
			t.Errorf("element %d extension %d, want %d and %d", tc.e.ID, tc.e.Ext, tc.id, tc.ext)
		}
	}
}

func TestEHTMCSLen(t *testing.T) {
	tests := []struct {
		name string
		he   []HEPHYField
		w320 uint8
		ap   bool
		want int
	}{
		{"a station of 20 MHz", nil, 0, false, 4},
		{"an access point of 20 MHz", nil, 0, true, 3},
		{"40 MHz in 2.4 GHz", []HEPHYField{HEPHYWidth40In2}, 0, false, 3},
		{"80 MHz", []HEPHYField{HEPHYWidth40And80}, 0, false, 3},
		{"160 MHz", []HEPHYField{HEPHYWidth40And80, HEPHYWidth160}, 0, false, 6},
		{"320 MHz", []HEPHYField{HEPHYWidth40And80, HEPHYWidth160}, 1, true, 9},
	}
	for _, tc := range tests {
		var he HECapabilities
		var eht EHTPHY
		for _, f := range tc.he {
			he.PHY.Set(f, 1)
		}
		eht.Set(EHTPHYWidth320, tc.w320)
		if got := EHTMCSLen(&he, &eht, tc.ap); got != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, got, tc.want)
		}
	}
	e := DefaultEHTCapabilities(&HECapabilities{})
	if e.MAC.Get(EHTMACTXOPSharing1) != 1 || e.MAC.Get(EHTMACMaxMPDU) != 0 || len(e.MCS) != 3 {
		t.Errorf("%+v", e)
	}
}
