package machine

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"roamfault/nl80211"
)

// countries can be asked for. 98 (an intersection) and 99 (a driver's own) can
// not.
var countries = regexp.MustCompile(`^([A-Z]{2}|00)$`)

func country(v string) bool { return countries.MatchString(v) }

// countryWait is how long the kernel may take for a regulatory domain, which it
// reads from a file.
const countryWait = 3 * time.Second

func getRegulatory(ctx context.Context, m *Machine, _ Card) (string, error) {
	if m.Radio == nil {
		return "", errNoRadio
	}
	domains, err := m.Radio.Regulatory(ctx)
	if err != nil {
		return "", err
	}
	return global(domains)
}

// global is the country of the domain that is no single device's.
func global(domains []nl80211.Regulatory) (string, error) {
	for i := range domains {
		if !domains[i].Wiphy.Present {
			return domains[i].Country, nil
		}
	}
	return "", errors.New("the kernel tells no regulatory domain")
}

// setRegulatory asks for a country and waits until it holds.
func setRegulatory(ctx context.Context, m *Machine, c Card, value string) error {
	if m.Radio == nil {
		return errNoRadio
	}
	if err := m.Radio.SetRegulatory(ctx, value); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, countryWait)
	defer cancel()
	var now string
	_, err := m.waitFor(ctx, func() (Place, bool, error) {
		var err error
		now, err = getRegulatory(ctx, m, c)
		return Place{}, now == value, err
	})
	if err != nil && now != value {
		return fmt.Errorf("the kernel stays with %q (is the file regulatory.db there, and does the card not manage its own?): %w", now, err)
	}
	return err
}
