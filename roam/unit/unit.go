// Package unit puts units of systemd into a tree of files: those that the program
// makes for itself, with what they are to do in them.
package unit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"roamfault/durable"
)

// Dir is where units of the machine's administrator lie, below the root
// (systemd.unit(5)).
const Dir = "etc/systemd/system"

// wants holds the links to what is started at boot.
const wants = Dir + "/multi-user.target.wants"

// Command writes a command as a unit has it: the program, and its arguments. It
// fails where a word is none for [Quote] (systemd.service(5), "Command lines").
func Command(program string, args ...string) (string, error) {
	words := append([]string{program}, args...)
	for i, word := range words {
		quoted, err := Quote(word)
		if err != nil {
			return "", err
		}
		if i > 0 { // the program's path knows no $
			quoted = strings.ReplaceAll(quoted, "$", "$$")
		}
		words[i] = quoted
	}
	return strings.Join(words, " "), nil
}

// Quote writes a word as a list of a unit has it, with quotation marks. It fails
// where a word has a control character, or is no UTF-8: systemd would leave out the
// line (parse_line in src/shared/conf-parser.c).
func Quote(word string) (string, error) {
	if !utf8.ValidString(word) {
		return "", fmt.Errorf("%q is no UTF-8", word)
	}
	if strings.ContainsFunc(word, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return "", fmt.Errorf("%q has a control character", word)
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%").Replace(word) + `"`, nil
}

// Path writes a path as a setting of a unit has it that takes no list.
func Path(path string) string { return strings.ReplaceAll(path, "%", "%%") }

// Paths are those of a unit that Enable makes, the link to it first.
func Paths(name string) []string { return []string{wants + "/" + name, Dir + "/" + name} }

// Enable puts a unit into the tree below root and has systemd start it at the next
// boots. It is on the disk when Enable returns.
func Enable(root, name, text string) error {
	if err := os.MkdirAll(filepath.Join(root, wants), 0o755); err != nil {
		return err
	}
	if err := durable.WriteBytes(filepath.Join(root, Dir, name), 0o644, []byte(text)); err != nil {
		return err
	}
	link, to := filepath.Join(root, wants, name), filepath.Join("/", Dir, name)
	// One that is left there may lead elsewhere: to /dev/null it starts nothing.
	if is, err := os.Readlink(link); err != nil || is != to {
		if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.Symlink(to, link); err != nil {
			return err
		}
	}
	return durable.SyncDir(filepath.Dir(link))
}

// Remove removes a unit, so that it is not started any more. One that is not there
// is no error.
func Remove(root, name string) error {
	for _, path := range Paths(name) {
		path = filepath.Join(root, path)
		err := os.Remove(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = durable.SyncDir(filepath.Dir(path))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
