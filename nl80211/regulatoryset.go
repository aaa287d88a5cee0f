package nl80211

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mdlayher/netlink"
)

// CheckCountry says why a text is no country that can be asked for: two capital
// letters (ISO 3166 alpha-2), or 00 for the world. 98 (an intersection) and 99 (a
// driver's own) can not.
func CheckCountry(code string) error {
	letter := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	if code == "00" || len(code) == 2 && letter(code[0]) && letter(code[1]) {
		return nil
	}
	return fmt.Errorf("%q is no country: two capital letters are wanted, such as US, or 00", code)
}

// SetRegulatory asks for the regulatory domain of a country, see [CheckCountry]. It
// is a hint of the user's (net/wireless/reg.c, regulatory_hint_user) and holds for
// all devices but those that manage their own. The kernel takes it and sees later
// what comes of it: a country that it has no rules for changes nothing, and rules
// that an access point gave are intersected with it. [UseCountry] waits until it
// holds.
func (c *Client) SetRegulatory(ctx context.Context, country string) error {
	if err := CheckCountry(country); err != nil {
		return fmt.Errorf("%v: %w", CommandReqSetReg, err)
	}
	return c.order(ctx, CommandReqSetReg, 0, func(e *netlink.AttributeEncoder) {
		e.String(attrRegAlpha2, country)
	})
}

// Regulator tells regulatory domains and takes hints; *Client is one.
type Regulator interface {
	Regulatory(ctx context.Context) ([]Regulatory, error)
	SetRegulatory(ctx context.Context, country string) error
}

// countryWait is how long the kernel may take for a regulatory domain: it reads it
// from a file, and then forgets the channels it has heard of. countryLook is the
// time between two looks.
const (
	countryWait = 3 * time.Second
	countryLook = 10 * time.Millisecond
)

// UseCountry asks for the regulatory domain of a country and waits until it holds,
// at most 3 s.
func UseCountry(ctx context.Context, r Regulator, country string) error {
	if err := r.SetRegulatory(ctx, country); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, countryWait)
	defer cancel()
	look := time.NewTicker(countryLook)
	defer look.Stop()
	for {
		now, err := CountryInUse(ctx, r)
		if err != nil || now == country {
			return err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("the kernel stays with the regulatory domain %q: is the file regulatory.db there (package wireless-regdb), and does the card not manage its own? %w", now, context.Cause(ctx))
		}
	}
}

// CountryInUse is the country of the regulatory domain that is no single device's.
func CountryInUse(ctx context.Context, r Regulator) (string, error) {
	domains, err := r.Regulatory(ctx)
	if err != nil {
		return "", err
	}
	for i := range domains {
		if !domains[i].Wiphy.Present {
			return domains[i].Country, nil
		}
	}
	return "", errors.New("the kernel tells no regulatory domain")
}
