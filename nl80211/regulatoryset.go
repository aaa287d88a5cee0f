package nl80211

import (
	"context"
	"fmt"

	"github.com/mdlayher/netlink"
)

// CommandReqSetReg asks for a regulatory domain. Unlike SET_REG, by which a
// program gave the rules themselves, it names a country alone.
const CommandReqSetReg Command = 27

// SetRegulatory asks for the regulatory domain of a country: two capital letters
// (ISO 3166 alpha-2), or 00 for the world's. It is a hint of the user's
// (net/wireless/reg.c, regulatory_hint_user) and holds for all devices but those
// that manage their own. The kernel takes it and sees later what comes of it: a
// country that it has no rules for changes nothing, and rules that an access point
// gave are intersected with it. [Client.Regulatory] tells what holds.
func (c *Client) SetRegulatory(ctx context.Context, country string) error {
	if !isCountry(country) {
		return fmt.Errorf("%v: %q is no country: two capital letters are wanted, such as US, or 00", CommandReqSetReg, country)
	}
	return c.order(ctx, CommandReqSetReg, 0, func(e *netlink.AttributeEncoder) {
		e.String(attrRegAlpha2, country)
	})
}

func isCountry(code string) bool {
	if len(code) != 2 || code == "00" {
		return code == "00"
	}
	return code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z'
}
