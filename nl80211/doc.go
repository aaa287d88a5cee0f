// Package nl80211 talks to the kernel's wireless configuration over generic
// netlink, multi-link operation included: what devices can do, interfaces,
// stations and scan results with their links, scans, authentication and
// association with several links, keys per link, frames, and what the kernel
// tells by itself.
//
// A [Client] is one netlink socket. Requests are its methods; each takes a
// context first, and returns an [*Error] where the kernel refuses it, with the
// kernel's own words. [Client.Join] subscribes to multicast groups, and
// [Client.Receive] gives events in the order in which the kernel sent them.
//
// What belongs to a socket stays with it: a connection made with the SocketOwner
// option, the frames that were registered for, and the control port's frames all
// come to the Client that asked. Join the group [GroupMLME] on the same Client
// where their order among each other matters, and on another one where nothing
// may be lost: events that fill the socket's buffer make the kernel drop answers,
// too.
//
// There is no time in what the kernel sends, so every event is stamped when it is
// read from the socket; [Stamp] has the two clocks that kernel logs and suspends
// are told by.
//
// github.com/mdlayher/wifi is not used. It has neither multi-link attributes nor
// raw elements nor events, it hides its socket, so that nothing it asks for could
// be owned or answered in order here, and what it has (interfaces, devices, scan,
// survey, regulatory domain) is a table of attributes each on the socket that is
// there anyway.
//
// Everything builds on every system; [Dial] works on Linux only.
package nl80211
