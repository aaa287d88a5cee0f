package main

import (
	"errors"

	"roamfault/roam/lab/guest"
)

func asEnd(err error, e **guest.EndError) bool { return errors.As(err, e) }
