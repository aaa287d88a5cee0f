//go:build !sdjournal || !cgo || !linux

package main

import (
	"errors"
	"io"
)

// write says that this build cannot.
func write(query, io.Writer, io.Writer) error {
	return errors.New("built without libsystemd: build it on linux with CGO_ENABLED=1 go build -tags sdjournal, which needs libsystemd-dev")
}
