package resume

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"roamfault/durable"
)

// MostTries is how often a run is taken up again by itself, whatever comes of it.
const MostTries = 2

// ErrTries: a run was taken up again by itself as often as it may be.
var ErrTries = fmt.Errorf("it was resumed by itself %d times already: roamfault runs resume goes on with it", MostTries)

// tries is what the file says.
type tries struct {
	Run   string `json:"run"`
	Tries int    `json:"tries"`
}

// mostTriesFile bounds what is read of the file.
const mostTriesFile = 4096

// Try counts a try to take a run up again, in the file of that path, and returns
// its number, from 1. It is on the disk before Try returns: a try that takes the
// machine down counts. A file that cannot be read counts as all tries.
func Try(path, run string) (int, error) {
	before, err := readTries(path)
	if err != nil {
		return 0, fmt.Errorf("count the tries to resume run %s: %w", run, err)
	}
	if before.Run != run {
		before = tries{Run: run}
	}
	if before.Tries >= MostTries {
		return before.Tries, ErrTries
	}
	before.Tries++
	data, err := json.Marshal(before)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err == nil {
		err = durable.WriteBytes(path, 0o600, append(data, '\n'))
	}
	if err != nil {
		return 0, fmt.Errorf("count the tries to resume run %s: %w", run, err)
	}
	return before.Tries, nil
}

func readTries(path string) (tries, error) {
	var t tries
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostTriesFile))
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(data, &t); err != nil || t.Tries < 0 {
		return t, fmt.Errorf("%s is damaged: remove it to try again", path)
	}
	return t, nil
}
