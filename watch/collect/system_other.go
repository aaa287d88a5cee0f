//go:build !linux

package collect

import (
	"fmt"
	"runtime"
)

func newSystem() (System, error) {
	return System{}, fmt.Errorf("collect device state: only linux shows it, this is %s", runtime.GOOS)
}
