package nl80211

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"roamfault/nl80211/dot11"
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
	for _, country := range []string{"", "0", "U", "us", "USA", "U1", "99", "98", "\x00\x00", "U\x00", "Ü"} {
		if err := c.SetRegulatory(context.Background(), country); err == nil {
			t.Errorf("%q was asked for", country)
		}
	}
}

// regulator is a kernel that takes its time.
type regulator struct {
	country string
	knows   string // the only country that it has rules for
	begin   time.Time
	asked   string
	wiphys  int // devices that have their own domain, told first
	err     error
}

func (r *regulator) SetRegulatory(_ context.Context, country string) error {
	r.asked, r.begin = country, time.Now()
	return r.err
}

func (r *regulator) Regulatory(context.Context) ([]Regulatory, error) {
	if r.asked == r.knows && time.Since(r.begin) > time.Second {
		r.country = r.asked
	}
	var list []Regulatory
	for n := range r.wiphys {
		list = append(list, Regulatory{Wiphy: dot11.Some(n), Country: "US"})
	}
	if r.country != "" {
		list = append(list, Regulatory{Country: r.country})
	}
	return list, nil
}

func TestUseCountry(t *testing.T) {
	refused := errors.New("refused")
	for _, tt := range []struct {
		name string
		r    regulator
		want error
		says string
	}{
		{"a moment later", regulator{country: "00", knows: "US", wiphys: 1}, nil, ""},
		{"without rules for it", regulator{country: "00", knows: "DE", wiphys: 1}, context.DeadlineExceeded, `stays with the regulatory domain "00"`},
		{"refused", regulator{country: "00", knows: "US", err: refused}, refused, "refused"},
		{"no domain of all", regulator{wiphys: 1}, nil, "tells no regulatory domain"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := UseCountry(t.Context(), &tt.r, "US")
				if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) || !errors.Is(err, tt.want) && tt.want != nil {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

func TestCheckCountry(t *testing.T) {
	for code, good := range map[string]bool{"US": true, "00": true, "us": false, "USA": false, "": false, "U\x00": false} {
		if err := CheckCountry(code); (err == nil) != good {
			t.Errorf("country %q: error %v", code, err)
		}
	}
}
