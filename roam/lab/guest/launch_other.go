//go:build !linux

package guest

func launch(*Image, Options) (*machine, error) { return nil, ErrUnsupported }
