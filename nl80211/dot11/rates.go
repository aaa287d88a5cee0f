package dot11

// Rate is an entry of the elements of supported rates: a rate in units of 500
// kbit/s or a BSS membership selector, and RateBasic (IEEE 802.11-2020,
// 9.4.2.3).
type Rate uint8

// RateBasic marks a rate that every station of the BSS has to support.
const RateBasic Rate = 0x80

// BSS membership selectors: what a station has to support, if it is to join
// (IEEE 802.11-2020, table 9-93). They are sent with RateBasic.
const (
	SelectorEHT    Rate = 121 | RateBasic
	SelectorHE     Rate = 122 | RateBasic
	SelectorSAEH2E Rate = 123 | RateBasic // only hash-to-element
	SelectorEPD    Rate = 124 | RateBasic
	SelectorVHT    Rate = 126 | RateBasic
	SelectorHT     Rate = 127 | RateBasic
)

// firstSelector is the lowest membership selector there is.
const firstSelector = 121

// Kbps returns the rate in kbit/s, 0 for a membership selector.
func (r Rate) Kbps() int {
	if r&^RateBasic >= firstSelector {
		return 0
	}
	return 500 * int(r&^RateBasic)
}

// maxRates is how many rates the first of the two elements has at most.
const maxRates = 8

// RateElements returns the Supported Rates And BSS Membership Selectors element
// and, from the ninth rate on, the extended one (IEEE 802.11-2020, 9.4.2.3 and
// 9.4.2.12).
func RateElements(rates ...Rate) Elements {
	b := make([]byte, len(rates))
	for i, r := range rates {
		b[i] = byte(r)
	}
	if len(b) <= maxRates {
		return Elements{{ID: ElementRates, Body: b}}
	}
	return Elements{
		{ID: ElementRates, Body: b[:maxRates:maxRates]},
		{ID: ElementExtendedRates, Body: b[maxRates:]},
	}
}

// Rates returns the entries of both elements of rates.
func (es Elements) Rates() []Rate {
	first, _ := es.Find(ElementRates)
	second, _ := es.Find(ElementExtendedRates)
	rates := make([]Rate, 0, len(first)+len(second))
	for _, r := range first {
		rates = append(rates, Rate(r))
	}
	for _, r := range second {
		rates = append(rates, Rate(r))
	}
	return rates
}

// DefaultRates returns the rates of an access point on that band: all of
// ERP or OFDM, with those basic that access points commonly have so.
func DefaultRates(band Band) []Rate {
	if band == Band2GHz {
		return []Rate{2 | RateBasic, 4 | RateBasic, 11 | RateBasic, 22 | RateBasic, 12, 18, 24, 36, 48, 72, 96, 108}
	}
	return []Rate{12 | RateBasic, 18, 24 | RateBasic, 36, 48 | RateBasic, 72, 96, 108}
}
