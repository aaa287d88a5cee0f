package nl80211

import (
	"context"
	"testing"
)

func TestSetRegulatory(t *testing.T) {
	for _, country := range []string{"US", "DE", "00"} {
		c := expect(t, CommandReqSetReg, doFlags, str(33, country))
		if err := c.SetRegulatory(context.Background(), country); err != nil {
			t.Errorf("%s: %v", country, err)
		}
	}
}

func TestSetRegulatoryRefusesOthers(t *testing.T) {
	c := serve(t, nil)
	for _, country := range []string{"", "0", "U", "us", "USA", "U1", "99", "98", "\x00\x00", "Ü"} {
		if err := c.SetRegulatory(context.Background(), country); err == nil {
			t.Errorf("%q was asked for", country)
		}
	}
}
