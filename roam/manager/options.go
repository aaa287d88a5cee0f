package manager

import (
	"path"
	"strings"
)

// attachment is what a supplicant was told of one interface.
type attachment struct {
	name string // of the interface, or a pattern of names
	// pattern says that all interfaces match that do, also those that come later.
	pattern                                       bool
	config, control, driver, driverParams, bridge string
}

// has reports whether an interface is meant.
func (a *attachment) has(iface string) bool {
	if !a.pattern {
		return a.name == iface
	}
	ok, err := path.Match(a.name, iface)
	return ok && err == nil
}

// options is what a supplicant's command line says.
type options struct {
	attachments []attachment
	global      string // control socket of the whole
	override    string // of all other control directories
	dbus        bool
	background  bool
}

// supplicantOptions are the options of wpa_supplicant with an argument
// (wpa_supplicant/main.c, the string given to getopt).
const supplicantOptions = "bcCDefgGiImoOpP"

// parseOptions reads a command line of wpa_supplicant as getopt does. -N begins
// another interface, -M one whose name is a pattern (wpa_supplicant(8)).
func parseOptions(args []string) options {
	var o options
	current := attachment{}
	end := func() {
		if current.name != "" {
			o.attachments = append(o.attachments, current)
		}
	}
	args = args[min(len(args), 1):]
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		if word == "--" {
			break
		}
		if len(word) < 2 || word[0] != '-' {
			continue
		}
		for i := 1; i < len(word); i++ {
			flag, value := word[i], ""
			if strings.IndexByte(supplicantOptions, flag) >= 0 {
				if value = word[i+1:]; value == "" && len(args) > 0 {
					value, args = args[0], args[1:]
				}
				i = len(word)
			}
			switch flag {
			case 'N', 'M':
				end()
				current = attachment{pattern: flag == 'M'}
			case 'v': // its argument is optional, and has to be in the same word
				i = len(word)
			default:
				o.set(&current, flag, value)
			}
		}
	}
	end()
	return o
}

func (o *options) set(a *attachment, flag byte, value string) {
	switch flag {
	case 'i':
		a.name = value
	case 'c':
		a.config = value
	case 'C':
		a.control = value
	case 'D':
		a.driver = value
	case 'p':
		a.driverParams = value
	case 'b':
		a.bridge = value
	case 'g':
		o.global = controlPath(value)
	case 'O':
		o.override = value
	case 'u':
		o.dbus = true
	case 'B':
		o.background = true
	}
}

// attachment returns what was told of an interface, nil where nothing was.
func (o *options) attachment(iface string) *attachment {
	for i := range o.attachments {
		if o.attachments[i].has(iface) {
			return &o.attachments[i]
		}
	}
	return nil
}

// controlPath is the path within a setting of a control interface: a plain one or
// "DIR=/run/wpa_supplicant GROUP=netdev" (wpa_supplicant/ctrl_iface_unix.c); ""
// for what is no path: an abstract name, UDP.
func controlPath(setting string) string {
	setting = strings.TrimSpace(setting)
	if dir, ok := strings.CutPrefix(setting, "DIR="); ok {
		setting, _, _ = strings.Cut(dir, " GROUP=")
	}
	if !strings.HasPrefix(setting, "/") {
		return ""
	}
	return path.Clean(setting)
}
