package machine

import (
	"context"

	"roamfault/nl80211"
)

func country(v string) bool { return nl80211.CheckCountry(v) == nil }

func getRegulatory(ctx context.Context, m *Machine, _ Card) (string, error) {
	if m.Radio == nil {
		return "", errNoRadio
	}
	return nl80211.CountryInUse(ctx, m.Radio)
}

// setRegulatory asks for a country and waits until it holds.
func setRegulatory(ctx context.Context, m *Machine, _ Card, value string) error {
	if m.Radio == nil {
		return errNoRadio
	}
	return nl80211.UseCountry(ctx, m.Radio, value)
}
