//go:build !unix

package rundir

import (
	"errors"
	"io/fs"
	"os"
)

func lock(*os.File) error {
	return errors.New("runs are kept only on systems with file locks, such as linux")
}

func holder(*os.File) (pid int, locked bool) { return 0, false }

func owned(fs.FileInfo, int) bool { return false }
