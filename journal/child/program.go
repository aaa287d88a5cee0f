package child

import (
	"errors"
	"fmt"
	"os/exec"
)

// A Program writes journal records in export format (systemd's
// JOURNAL_EXPORT_FORMATS) to its standard output.
type Program struct {
	// Name stands for it in words and in the origin of records.
	Name string
	// Command makes a command that writes the records from a cursor on, that of
	// the cursor included, or all of them where the cursor is empty. The
	// record of the cursor may be gone. Output, error output and process
	// group are set by this package.
	Command func(cursor string) (*exec.Cmd, error)
	// Final is the exit code by which the program says that it cannot do
	// what it was asked, so that another attempt is idle. 0 for none.
	Final int
	// Judge says what a line of its error output means; nil keeps all lines for
	// the error alone.
	Judge func(line string) Judgement
}

// Judgement is what a line of a program's error output means.
type Judgement struct {
	// Kind is what is done with it.
	Kind Kind
	// Err is the line in our words: what is wrong and what to do.
	Err error
}

// Kind says what a line of error output asks for.
type Kind uint8

// The kinds.
const (
	Plain  Kind = iota // part of the error, should the program fail
	Hint               // worth a notice although the program goes on
	Damage             // part of the journal cannot be read
	Fatal              // why the program fails, in words that help
)

// A Notice tells what happened to a program while the reading went on.
type Notice struct {
	// Program is the name of the program.
	Program string
	// Cursor is that of the last record read, empty before the first.
	Cursor string
	// Err says what happened.
	Err error
	// Next says what was done about it, empty for nothing.
	Next string
}

// String is the notice in one line.
func (n Notice) String() string {
	if n.Next == "" {
		return fmt.Sprintf("%s: %v", n.Program, n.Err)
	}
	return fmt.Sprintf("%s: %v: %s", n.Program, n.Err, n.Next)
}

// An Error says why a program could not be read to its end. It wraps the cause.
type Error struct {
	Program string
	Err     error
}

// Error says which program, and why.
func (e *Error) Error() string { return fmt.Sprintf("read %s: %v", e.Program, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// The causes of an [Error] beside those of the operating system.
var (
	// ErrMissing: the program is not installed.
	ErrMissing = errors.New("not installed")
	// ErrDying: the program died again and again without a record between.
	ErrDying = errors.New("keeps dying")
	// ErrPermission: the user may not read the journal.
	ErrPermission = errors.New("permission denied")
)
