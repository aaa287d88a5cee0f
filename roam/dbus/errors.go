package dbus

import (
	"context"
	"errors"
	"fmt"
	"io"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/journal"
	"roamfault/roam"
)

// Why a station refuses, besides the errors of package roam. They come wrapped.
var (
	// ErrNoNetwork: the supplicant has no network with the target's SSID. Under
	// NetworkManager it has one only while a connection is activated or tried.
	ErrNoNetwork = errors.New("no network with that SSID is configured: activate its connection first (nmcli connection up), or add it to wpa_supplicant.conf")
	// ErrNotConnected: there is no connection to roam from.
	ErrNotConnected = errors.New("the station is not connected: connect first")
	// ErrAccess: the bus does not let us speak to the supplicant.
	ErrAccess = errors.New("the bus does not allow it: run as root, or as a member of the group that wpa_supplicant.conf in /usr/share/dbus-1/system.d allows (often netdev)")
	// ErrOld: the supplicant does not know the request.
	ErrOld = errors.New("wpa_supplicant is too old or built without it: 2.10 or newer is needed")
	// ErrClosed: the station was given up.
	ErrClosed = errors.New("the station is closed")
)

// meanings are what errors of the bus (D-Bus specification, "Message Bus
// Messages") and of wpa_supplicant (wpa_supplicant/dbus/dbus_new.h) come to.
var meanings = map[string]error{
	"fi.w1.wpa_supplicant1.InterfaceUnknown":    roam.ErrGone,
	"fi.w1.wpa_supplicant1.InterfaceDisabled":   roam.ErrBusy,
	"fi.w1.wpa_supplicant1.InvalidArgs":         errInvalid,
	"fi.w1.wpa_supplicant1.NotConnected":        ErrNotConnected,
	"fi.w1.wpa_supplicant1.NetworkUnknown":      ErrNoNetwork,
	"fi.w1.wpa_supplicant1.Interface.ScanError": roam.ErrBusy,
	"org.freedesktop.DBus.Error.AccessDenied":   ErrAccess,
	"org.freedesktop.DBus.Error.AuthFailed":     ErrAccess,
	"org.freedesktop.DBus.Error.NoReply":        roam.ErrSilent,
	"org.freedesktop.DBus.Error.Timeout":        roam.ErrSilent,
	"org.freedesktop.DBus.Error.TimedOut":       roam.ErrSilent,
	"org.freedesktop.DBus.Error.ServiceUnknown": roam.ErrGone,
	"org.freedesktop.DBus.Error.NameHasNoOwner": roam.ErrGone,
	"org.freedesktop.DBus.Error.Disconnected":   roam.ErrGone,
	"org.freedesktop.DBus.Error.UnknownObject":  roam.ErrGone,
	"org.freedesktop.DBus.Error.UnknownMethod":  ErrOld,
}

// errInvalid is what the supplicant says to an argument that it does not like: of
// Roam it means a BSS that it does not know.
var errInvalid = errors.New("wpa_supplicant does not take the argument")

// errorText is how much of an error's text is kept.
const errorText = 200

// translate puts an error of a request into words of package roam, where there
// are any.
func translate(err error) error {
	var told godbus.Error
	switch {
	case errors.As(err, &told):
		text := journal.Sanitize(clip(told.Error(), errorText), false)
		if meaning, ok := meanings[told.Name]; ok {
			return fmt.Errorf("%w (%s)", meaning, text)
		}
		return fmt.Errorf("wpa_supplicant says %q", text)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", roam.ErrSilent, err)
	case errors.Is(err, godbus.ErrClosed), errors.Is(err, io.EOF):
		return fmt.Errorf("%w: the message bus has ended", roam.ErrGone)
	}
	return err
}

// explain says what was tried, where it failed.
func explain(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

func clip(s string, most int) string {
	if len(s) > most {
		return s[:most]
	}
	return s
}
