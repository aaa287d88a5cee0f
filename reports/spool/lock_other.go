//go:build !unix

package spool

import (
	"errors"
	"os"
)

func lock(string) (*os.File, error) {
	return nil, errors.New("needs a system with file locks, such as linux")
}
