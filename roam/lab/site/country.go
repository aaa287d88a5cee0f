package site

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
)

// Numbers of nl80211.h: enum nl80211_commands and enum nl80211_attrs.
const (
	wifiFamily    = "nl80211"
	requestSetReg = 27
	getReg        = 31
	attrAlpha2    = 33
)

// countryWait is how long the kernel may take for a regulatory domain: it reads
// it from a file, and then forgets the channels it has heard of.
const countryWait = 3 * time.Second

// countries are codes of ISO 3166, and 00 for the world.
var countries = regexp.MustCompile(`^([A-Z]{2}|00)$`)

// CheckCountry says whether a text can be a country's code.
func CheckCountry(code string) error {
	if !countries.MatchString(code) {
		return fmt.Errorf("country %q: two capital letters are wanted, such as US", code)
	}
	return nil
}

// setCountry asks the kernel for a regulatory domain and waits until it is set
// (net/wireless/reg.c, regulatory_hint_user).
func setCountry(ctx context.Context, code string) error {
	if err := CheckCountry(code); err != nil {
		return err
	}
	failed := func(err error) error { return fmt.Errorf("set the regulatory domain %s: %w", code, err) }
	conn, err := genetlink.Dial(nil)
	if err != nil {
		return failed(err)
	}
	defer conn.Close()
	family, err := conn.GetFamily(wifiFamily)
	if err != nil {
		return failed(err)
	}
	e := netlink.NewAttributeEncoder()
	e.String(attrAlpha2, code)
	attrs, err := e.Encode()
	if err != nil {
		return failed(err)
	}
	request := genetlink.Message{Header: genetlink.Header{Command: requestSetReg}, Data: attrs}
	if _, err := conn.Execute(request, family.ID, netlink.Request|netlink.Acknowledge); err != nil {
		return failed(err)
	}
	ctx, cancel := context.WithTimeout(ctx, countryWait)
	defer cancel()
	for {
		now, err := country(conn, family.ID)
		if err != nil {
			return failed(err)
		}
		if now == code {
			return nil
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return failed(fmt.Errorf("the kernel stays with %q; is the file regulatory.db there (package wireless-regdb)?", now))
		}
	}
}

// country asks for the machine's regulatory domain.
func country(conn *genetlink.Conn, family uint16) (string, error) {
	answers, err := conn.Execute(genetlink.Message{Header: genetlink.Header{Command: getReg}}, family, netlink.Request)
	if err != nil {
		return "", err
	}
	for _, a := range answers {
		d, err := netlink.NewAttributeDecoder(a.Data)
		if err != nil {
			return "", err
		}
		for d.Next() {
			if d.Type() == attrAlpha2 {
				return d.String(), d.Err()
			}
		}
		if err := d.Err(); err != nil {
			return "", err
		}
	}
	return "", nil
}
