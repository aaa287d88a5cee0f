// Package probe sends a little data over a Wi-Fi connection for the whole of a
// run, and tells of any stretch of it what came back: echo requests (ICMP,
// ICMPv6) at a low rate, and a load over UDP or TCP to an echo service.
//
// A probe is asked with the times at which things happened, on the machine's
// monotonic clock, which stands still in suspend. It ends for no trouble: a missing
// address, an interface that is gone and made anew, a server that is down are waited
// for, and Trouble tells of them.
//
// # When data stall
//
// A stall is told where, on a connection that stands (Connected, Left), at least
// three requests went unanswered and the oldest of them is as old as the bound,
// 2 s where none is given. Any genuine answer ends it, however late. Who has never
// answered cannot stall: a gateway that is told not to answer echo requests is
// none that fell silent. Requests that could not be sent for want of an address,
// a route or the interface count for nothing. A neighbour that does not answer
// ARP, or a full queue of the driver, counts as asked.
//
// The direction follows from what the kernel counts (Feed), within the silence
// and nowhere else:
//
//	data came to the network stack, more than two packets     up
//	else: frames were sent, and at least half acknowledged    down
//	else, and where nothing is counted                        both
//
// "up" says that the access point reaches us, so that what is lost is lost on the
// way up. Broadcast data counts as well: where the pairwise key alone is broken
// and the network is full of broadcasts, this is wrong. "down" says that the
// access point's radio acknowledges, which it does before it decrypts: it may
// throw away what it acknowledged. It is said only of drivers that are known to
// count failures, because they counted one, or a retry, before: there are some that
// count none at all (mac80211_hwsim with several links).
//
// The station's received packets cannot serve here: mac80211 counts beacons in
// them, and some of them twice (mac80211/rx.c, ieee80211_rx_h_defragment and
// __ieee80211_queue_skb_to_iface). What the interface gave to the network stack
// (ieee80211_deliver_skb) is data alone.
//
// # The first packet
//
// A roam can take the neighbours away that were known (net/ipv4/arp.c,
// arp_netdev_event). Who asks for one while nothing passes waits for ARP's next try,
// up to a second later, and measures that timer. So nothing is sent from Left to the
// next Mark or Connected. Where other programs, or TCP's own timers, are first, the
// first packet is as late as it is for them.
//
// # Links
//
// One link of several stalls ("link N") where its own figures say so, for as long
// as the bound: it was given five frames or more, and nine of ten were not
// acknowledged, or nothing is heard on it, not even the beacons that were heard on
// it before. Kernels without figures for each link (before 6.17, and drivers that
// count nothing) cannot show it.
package probe
