package site

import (
	"context"
	"errors"
	"fmt"

	"roamfault/nl80211"
)

// setCountry asks the kernel for a regulatory domain and waits until it is set.
func setCountry(ctx context.Context, code string) error {
	c, err := nl80211.Dial(nl80211.Config{})
	if err == nil {
		err = errors.Join(nl80211.UseCountry(ctx, c, code), c.Close())
	}
	if err != nil {
		return fmt.Errorf("set the regulatory domain %s: %w", code, err)
	}
	return nil
}
