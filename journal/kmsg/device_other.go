//go:build !linux

package kmsg

func openDevice() (device, error) { return nil, ErrUnsupported }
