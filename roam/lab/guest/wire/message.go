package wire

import (
	"encoding/json"
	"fmt"
	"time"
)

// Hello is the first thing the guest says: its kernel runs, its modules are
// loaded.
type Hello struct {
	Protocol int    `json:"protocol"`
	Kernel   string `json:"kernel"` // as uname -r
	// Init and Loaded are times since boot: when init began, and when the
	// modules were in.
	Init    time.Duration `json:"init"`
	Loaded  time.Duration `json:"loaded"`
	Modules []string      `json:"modules,omitempty"` // loaded, in order
	// Missing says in words what of the set-up did not work without being
	// needed, such as a module the kernel has built in.
	Missing []string `json:"missing,omitempty"`
}

// Clock is the host's time.
type Clock struct {
	UnixNano int64 `json:"unix_nano"`
}

// Ready is said when commands may come.
type Ready struct {
	At    time.Duration `json:"at"`              // since boot
	Error string        `json:"error,omitempty"` // why the clock was not set
}

// Run asks for a command.
type Run struct {
	Args  []string `json:"args"` // the first is looked up in PATH
	Env   []string `json:"env,omitempty"`
	Dir   string   `json:"dir,omitempty"`
	Stdin bool     `json:"stdin,omitempty"` // bytes for standard input will come; else it is empty
}

// Started answers a Run whose program runs.
type Started struct {
	PID int           `json:"pid"`
	At  time.Duration `json:"at"` // since boot
}

// Signal goes to a command's whole process group.
type Signal struct {
	Number int `json:"number"`
}

// Put makes a file, replacing what has its name.
type Put struct {
	Path string `json:"path"`
	Mode uint32 `json:"mode"` // permission bits
}

// Get asks for a file's content.
type Get struct {
	Path string `json:"path"`
}

// Result is how a Run, Put or Get ended.
type Result struct {
	// Error says why the work was not done: no such program, no such file.
	Error string `json:"error,omitempty"`
	// NotFound is set where the error is that a file or program is not there.
	NotFound bool          `json:"not_found,omitempty"`
	Code     int           `json:"code"`             // exit code of a command that ended by itself
	Signal   int           `json:"signal,omitempty"` // the signal that ended a command
	Mode     uint32        `json:"mode,omitempty"`   // of the file of a Get
	At       time.Duration `json:"at"`               // since boot
}

// Decode reads the payload of a frame into a message.
func Decode(f Frame, message any) error {
	if err := json.Unmarshal(f.Payload, message); err != nil {
		return fmt.Errorf("read a message of kind %d: %w", f.Kind, err)
	}
	return nil
}
