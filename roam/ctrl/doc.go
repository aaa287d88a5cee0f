// Package ctrl is a [roam.Station] that asks wpa_supplicant over its control
// socket, and the client of that socket.
//
// The control interface is datagrams between two Unix sockets: a request and its
// answer, and events to a socket that has asked for them with ATTACH
// (wpa_supplicant/ctrl_iface_unix.c). A [Client] has a socket for requests, a
// [Monitor] one for events; a [Station] has both, and finds the daemon again when
// it was restarted. Events below level info do not come: the daemon leaves them
// out for every monitor, and tells some lines only to its own log.
package ctrl
