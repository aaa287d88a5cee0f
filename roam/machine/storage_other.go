//go:build !unix

package machine

import (
	"errors"
	"fmt"
)

// Open says that there is no such thing here.
func (Disk) Open(string) (File, error) {
	return nil, fmt.Errorf("lock the file: %w", errors.ErrUnsupported)
}
