// Package dbus connects and roams through wpa_supplicant's D-Bus interface,
// fi.w1.wpa_supplicant1, which is what is there of it under NetworkManager, where
// it has no control socket (hostap, doc/dbus.doxygen and wpa_supplicant/dbus).
//
// What D-Bus does not have is not here either. It shows no links of a connection:
// they are read from nl80211. It cannot be made to leave one access point out:
// the network's property bssid_ignore can be set, but with it the supplicant
// forgets the network's keys and deauthenticates (dbus_new_handlers.c,
// set_network_properties). And it cannot ask for new keys. So a [Station] is
// neither a roam.Chooser nor a roam.Rekeyer.
//
// The supplicant gathers changed properties for 5 ms and tells their last values
// (dbus_new_helpers.c, wpa_dbus_mark_property_changed), so that steps can be
// missing; those that must have been are told with the one behind them.
//
// Nothing holds a supplicant at an access point: after a scan that somebody else
// asked for, NetworkManager above all, it may choose anew. The property bssid of a
// network would hold it, but 2.11 cannot connect to an MLD with it. What is asked
// for here is one step each: scans of ours let it choose nothing, and Connect and
// Roam name their BSS.
package dbus
