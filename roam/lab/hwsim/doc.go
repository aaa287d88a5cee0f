// Package hwsim is the wireless medium of Linux' simulated radios: the program
// that gets every frame that a mac80211_hwsim radio sends, says whether it was
// acknowledged, and gives radios the frames they hear. Radios are made with it,
// too.
//
// The driver talks over generic netlink, family "MAC80211_HWSIM"
// (drivers/net/wireless/virtual/mac80211_hwsim.c and .h). A medium is registered
// for one network namespace and serves the radios that were made in it, wherever
// they are moved later. While it is registered, those radios do not hear each
// other by themselves.
//
// Registering is refused while any radio of the machine can use several channels
// at a time. Such radios are what multi-link needs, so they are made afterwards:
// load the module with radios=0 (Load), Open, then NewRadio.
package hwsim
