package direct_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/direct"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn"
	"roamfault/roam/runlog"
)

// What goes wrong at an access point is told as what it is, and another try
// works.
func TestFaults(t *testing.T) {
	tests := []struct {
		name   string
		change []func(*ap.Config)
		rule   ap.Rule
		wait   time.Duration // 0: 5 s
		want   []roam.What   // behind Trying
		status dot11.StatusCode
		reason dot11.ReasonCode
		words  string // in the record of the last event
	}{
		{name: "authentication refused", rule: ap.Rule{Fault: "status", Frame: "auth", Status: 37},
			want: []roam.What{roam.Refused}, status: 37, words: "denied authentication (status 37)"},
		{name: "open authentication refused", change: []func(*ap.Config){psk}, rule: ap.Rule{Fault: "status", Frame: "auth", Status: 17},
			want: []roam.What{roam.Refused}, status: 17, words: "denied authentication (status 17)"},
		{name: "association refused", rule: ap.Rule{Fault: "status", Frame: "assoc", Status: 17},
			want: []roam.What{roam.Refused}, status: 17, words: "denied association (code=17)"},
		{name: "nobody authenticates", rule: ap.Rule{Fault: "loss", Frame: "auth"},
			want: []roam.What{roam.GaveUp}, words: "timed out"},
		{name: "nobody associates", rule: ap.Rule{Fault: "loss", Frame: "assoc"},
			want: []roam.What{roam.GaveUp}, words: "association with"},
		{name: "no handshake comes", change: []func(*ap.Config){psk}, rule: ap.Rule{Fault: "loss", Frame: "eapol"}, wait: 15 * time.Second,
			want: []roam.What{roam.Associated, roam.Disconnected, roam.GaveUp}, words: "pre-shared key may be incorrect"},
		{name: "temporarily refused", rule: ap.Rule{Fault: "comeback", TU: 500, Count: 1},
			want: []roam.What{roam.Associated, roam.Secured, roam.Connected}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			configs := both(t, tt.change...)
			work(t, configs, nil, func(b *bench) {
				b.radio.fault("ap1", tt.rule)
				if err := b.station.Connect(b.Context(), target(configs[0], 0)); err != nil {
					b.Fatal(err)
				}
				time.Sleep(max(tt.wait, 5*time.Second))
				told := b.wants(append([]roam.What{roam.Trying}, tt.want...)...)
				last := told[len(told)-1]
				if last.Status != tt.status || tt.words != "" && (last.Record == nil || !strings.Contains(last.Record.Message, tt.words)) || last.AP != addr(configs[0]) {
					b.Errorf("told %+v %v", last, last.Record)
				}
				if s := b.state(); last.What != roam.Connected && (s.Phase != roam.PhaseDisconnected || !s.BSSID.IsZero()) {
					b.Errorf("state %+v", s)
				}
				b.radio.clear()
				time.Sleep(time.Second)
				b.connect(configs[1])
			})
		})
	}
}

// Handshakes that are wrong fail, or are ignored, as IEEE 802.11 has it.
func TestHandshakeFaults(t *testing.T) {
	var names []string
	for _, f := range ap.Faults() {
		for _, frame := range f.Frames {
			if frame == "eapol" && len(f.Frames) == 1 && len(f.Parameters) == 0 {
				names = append(names, f.Name)
			}
		}
	}
	if len(names) < 5 {
		t.Fatalf("faults of handshakes: %v", names)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			configs := both(t)
			work(t, configs, nil, func(b *bench) {
				b.radio.fault("ap1", ap.Rule{Fault: name, Count: 1})
				if err := b.station.Connect(b.Context(), target(configs[0], 0)); err != nil {
					b.Fatal(err)
				}
				time.Sleep(15 * time.Second)
				// Whatever has come of it, station and kernel agree.
				told := b.told()
				s := b.state()
				ended := s.Phase == roam.PhaseConnected || s.Phase == roam.PhaseDisconnected
				kernel := look(b.radio, func() bool { return b.radio.connected })
				if !ended || kernel != (s.Phase == roam.PhaseConnected) || len(told) < 2 {
					b.Errorf("in phase %s, connected in the kernel %v, told %v", s.Phase, kernel, whats(told))
				}
				b.radio.clear()
				if err := b.station.Disconnect(b.Context()); err != nil {
					b.Fatal(err)
				}
				time.Sleep(time.Second)
				b.connect(configs[1])
			})
		})
	}
}

// A wrong password fails where it is found out.
func TestWrongPassword(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change []func(*ap.Config)
		want   []roam.What
	}{
		{"sae", nil, []roam.What{roam.Trying, roam.Refused}},
		{"psk", []func(*ap.Config){psk}, []roam.What{roam.Trying, roam.Associated, roam.Disconnected, roam.GaveUp}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			configs := both(t, tt.change...)
			wrong := func(c *direct.Config, _ *radio) { c.Networks[0].Password = "incorrect horse" }
			work(t, configs, wrong, func(b *bench) {
				if err := b.station.Connect(b.Context(), target(configs[0], 0)); err != nil {
					b.Fatal(err)
				}
				time.Sleep(15 * time.Second)
				told := b.told()
				got := whats(told)
				// SAE may be ended by either side.
				if tt.name == "sae" && len(got) == 2 && got[1] == roam.GaveUp {
					got[1] = roam.Refused
				}
				if fmt.Sprint(got) != fmt.Sprint(tt.want) {
					b.Errorf("told %v, want %v", got, tt.want)
				}
				for _, e := range told {
					if e.Record != nil && strings.Contains(e.Record.Message, "incorrect horse") {
						b.Errorf("the password is told: %v", e.Record)
					}
				}
			})
		})
	}
}

// An access point that has forgotten the PMK is joined by SAE.
func TestForgottenPMK(t *testing.T) {
	configs := both(t)
	work(t, configs, nil, func(b *bench) {
		b.connect(configs[0])
		b.connect(configs[1])
		b.connect(configs[0])
		want := []nl80211.AuthType{nl80211.AuthSAE, nl80211.AuthSAE, nl80211.AuthSAE, nl80211.AuthSAE, nl80211.AuthOpen}
		if got := look(b.radio, func() []nl80211.AuthType { return b.radio.auths }); fmt.Sprint(got) != fmt.Sprint(want) {
			b.Errorf("authentications %v, want %v", got, want)
		}
		b.told()
		b.radio.fault("ap2", ap.Rule{Fault: "status", Frame: "assoc", Status: dot11.StatusInvalidPMKID, Count: 1})
		b.connect(configs[1])
		b.wants(roam.Disconnected, roam.Trying, roam.Trying, roam.Associated, roam.Secured, roam.Connected)
		want = append(want, nl80211.AuthOpen, nl80211.AuthSAE, nl80211.AuthSAE)
		if got := look(b.radio, func() []nl80211.AuthType { return b.radio.auths }); fmt.Sprint(got) != fmt.Sprint(want) {
			b.Errorf("authentications %v, want %v", got, want)
		}
	})
}

// A roam is a reassociation, which names the access point before.
func TestReassociation(t *testing.T) {
	configs := both(t)
	work(t, configs, nil, func(b *bench) {
		b.connect(configs[0])
		if err := b.station.Roam(b.Context(), target(configs[1], 1)); err != nil {
			b.Fatal(err)
		}
		time.Sleep(time.Second)
		last := look(b.radio, func() nl80211.AssocRequest { return b.radio.assocs[1] })
		if last.PrevBSSID != configs[0].MLD || last.MLD.Value != (nl80211.MLDTarget{Addr: configs[1].MLD, Link: 1}) || len(last.Links) != 2 {
			b.Errorf("association %+v", last)
		}
		if s := b.state(); s.BSSID != configs[1].Links[1].BSSID || s.MLD != configs[1].MLD {
			b.Errorf("state %+v", s)
		}
	})
}

// Message 1 that comes before the kernel tells of the association is not lost: it
// would come again, but late.
func TestEarlyMessage(t *testing.T) {
	configs := both(t)
	hasty := func(_ *direct.Config, r *radio) { r.hasty = true }
	work(t, configs, hasty, func(b *bench) {
		if err := b.station.Connect(b.Context(), target(configs[0], 0)); err != nil {
			b.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		b.wants(way...)
	})
}

// A link that is refused is no reason to fail.
func TestLinkRefused(t *testing.T) {
	configs := both(t)
	work(t, configs, nil, func(b *bench) {
		link := uint8(1)
		b.radio.fault("ap1", ap.Rule{Fault: "link-refused", Link: &link, Status: 1})
		b.connect(configs[0])
		b.isAt(configs[0], 1, []string{"link 0 key 1", "link 0 key 4"})
	})
}

// New group keys are taken, also when they come twice.
func TestRekey(t *testing.T) {
	configs := both(t, protectBeacons)
	work(t, configs, nil, func(b *bench) {
		b.connect(configs[0])
		b.radio.fault("ap1", ap.Rule{Fault: "rekey"})
		time.Sleep(5 * time.Second)
		b.isAt(configs[0], 2, []string{
			"link 0 key 1", "link 0 key 2", "link 0 key 4", "link 0 key 5", "link 0 key 6", "link 0 key 7",
			"link 1 key 1", "link 1 key 2", "link 1 key 4", "link 1 key 5", "link 1 key 6", "link 1 key 7",
		})
		b.wants(way...)
		if err := b.station.RequestRekey(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := b.station.Disconnect(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := b.station.RequestRekey(b.Context()); err == nil {
			b.Error("keys are asked for without a connection")
		}
	})
}

// The kernel refuses each request once, and what was begun is ended.
func TestKernelRefuses(t *testing.T) {
	for _, tt := range []struct {
		command nl80211.Command
		errno   syscall.Errno
		fails   error // of the request; nil: it is told later
		want    []roam.What
	}{
		{nl80211.CommandAuthenticate, syscall.ENOENT, roam.ErrUnknownTarget, nil},
		{nl80211.CommandAuthenticate, syscall.EBUSY, roam.ErrBusy, nil},
		{nl80211.CommandAuthenticate, syscall.ENODEV, roam.ErrGone, nil},
		{nl80211.CommandAuthenticate, syscall.EPERM, syscall.EPERM, nil},
		{nl80211.CommandAssociate, syscall.ENOENT, nil, []roam.What{roam.Trying, roam.Refused}},
		{nl80211.CommandAssociate, syscall.EPERM, nil, []roam.What{roam.Trying, roam.Refused}},
		{nl80211.CommandControlPortFrame, syscall.EINVAL, nil, []roam.What{roam.Trying, roam.Associated, roam.Refused}},
		{nl80211.CommandNewKey, syscall.EINVAL, nil, []roam.What{roam.Trying, roam.Associated, roam.Refused}},
		{nl80211.CommandSetStation, syscall.ENOENT, nil, []roam.What{roam.Trying, roam.Associated, roam.Secured, roam.Refused}},
	} {
		t.Run(fmt.Sprint(tt.command, tt.errno), func(t *testing.T) {
			configs := both(t)
			work(t, configs, nil, func(b *bench) {
				b.refuse(tt.command, tt.errno)
				err := b.station.Connect(b.Context(), target(configs[0], 0))
				if !errors.Is(err, tt.fails) {
					b.Fatalf("error %v, want %v", err, tt.fails)
				}
				time.Sleep(15 * time.Second)
				told := b.wants(tt.want...)
				if tt.fails == nil {
					if last := told[len(told)-1]; last.Status != 0 || last.Record == nil || last.AP != configs[0].MLD {
						b.Errorf("told %+v", last)
					}
				}
				if look(b.radio, func() bool { return b.radio.connected || b.radio.verified }) {
					b.Error("something is left in the kernel")
				}
				b.connect(configs[0])
			})
		})
	}
}

// refuse lets the kernel refuse a request once.
func (b *bench) refuse(command nl80211.Command, errno syscall.Errno) {
	b.radio.mu.Lock()
	defer b.radio.mu.Unlock()
	b.radio.refuse = func(c nl80211.Command) error {
		if c != command {
			return nil
		}
		b.radio.refuse = nil
		return refusal(c, errno, "")
	}
}

// The kernel forgets a link between authentication and association: a step that
// faults are injected in.
func TestForgottenLink(t *testing.T) {
	configs := both(t)
	flush := func(c *direct.Config, r *radio) {
		c.Between = func(_ context.Context, next direct.Step) error {
			if next == direct.StepAssociate {
				r.mu.Lock()
				clear(r.heard)
				r.mu.Unlock()
			}
			return nil
		}
	}
	work(t, configs, flush, func(b *bench) {
		if err := b.station.Connect(b.Context(), target(configs[0], 0)); err != nil {
			b.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
		e := b.wants(roam.Trying, roam.Refused)[1]
		if !strings.Contains(e.Record.Message, "Error fetching BSS for link") {
			b.Errorf("told %v", e.Record)
		}
	})
}

// Every step can be kept from being done, and can be where the station is closed
// or the request called off.
func TestBetween(t *testing.T) {
	no := errors.New("no")
	for _, step := range direct.Steps() {
		if step == direct.StepGroup2 {
			continue
		}
		t.Run("error before "+string(step), func(t *testing.T) {
			configs := both(t)
			stop := func(c *direct.Config, _ *radio) {
				once := true
				c.Between = func(_ context.Context, next direct.Step) error {
					if next == step && once {
						once = false
						return no
					}
					return nil
				}
			}
			work(t, configs, stop, func(b *bench) {
				err := b.station.Connect(b.Context(), target(configs[0], 0))
				if step == direct.StepAuthenticate {
					if !errors.Is(err, no) {
						b.Errorf("error %v", err)
					}
				} else {
					time.Sleep(time.Second)
					if last := b.last(); err != nil || last.What != roam.GaveUp || !strings.Contains(last.Record.Message, "before "+string(step)+": no") {
						b.Errorf("error %v, told %+v", err, last)
					}
				}
				// Not a whole second: that is when the access point sends its Commit of
				// before again, which is no answer to that of the next request.
				time.Sleep(1500 * time.Millisecond)
				b.connect(configs[0])
			})
		})
		t.Run("close before "+string(step), func(t *testing.T) {
			configs := both(t)
			var reached chan struct{}
			stop := func(c *direct.Config, _ *radio) {
				reached = make(chan struct{})
				c.Between = func(ctx context.Context, next direct.Step) error {
					if next == step {
						close(reached)
						<-ctx.Done()
					}
					return nil
				}
			}
			work(t, configs, stop, func(b *bench) {
				failed := make(chan error, 1)
				go func() { failed <- b.station.Connect(context.Background(), target(configs[0], 0)) }()
				<-reached
				if err := b.station.Close(); err != nil {
					b.Error(err)
				}
				if err := <-failed; (err != nil) != (step == direct.StepAuthenticate) {
					b.Errorf("error %v", err)
				}
				if look(b.radio, func() bool { return b.radio.connected || b.radio.verified || b.radio.up }) {
					b.Error("something is left behind")
				}
			})
		})
	}
	t.Run("request called off", func(t *testing.T) {
		configs := both(t)
		wait := func(c *direct.Config, _ *radio) {
			c.Between = func(ctx context.Context, _ direct.Step) error { <-ctx.Done(); return nil }
		}
		work(t, configs, wait, func(b *bench) {
			ctx, cancel := context.WithTimeout(b.Context(), time.Second)
			defer cancel()
			if err := b.station.Connect(ctx, target(configs[0], 0)); !errors.Is(err, context.DeadlineExceeded) {
				b.Errorf("error %v", err)
			}
			b.wants()
		})
	})
}

// Who alters a message of the handshake is heard, by an access point that does not
// take it.
func TestAlter(t *testing.T) {
	configs := both(t)
	spoil := func(c *direct.Config, _ *radio) {
		c.Alter = func(m *rsn.Message) {
			if m.Kind == rsn.Message2 {
				m.KCK = make([]byte, len(m.KCK))
			}
		}
	}
	work(t, configs, spoil, func(b *bench) {
		if err := b.station.Connect(b.Context(), target(configs[0], 0)); err != nil {
			b.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		b.wants(roam.Trying, roam.Associated, roam.Disconnected, roam.GaveUp)
	})
}

// What an access point ends is told with its reason; what is not protected ends
// nothing, but is asked about.
func TestDeauthenticated(t *testing.T) {
	configs := both(t)
	work(t, configs, nil, func(b *bench) {
		b.connect(configs[0])
		b.told()
		b.radio.fault("ap1", ap.Rule{Fault: "deauth", Reason: dot11.ReasonInactivity, Unprotected: true})
		b.radio.fault("ap1", ap.Rule{Fault: "deauth", Reason: dot11.ReasonClass3FromNonassoc, Unprotected: true})
		time.Sleep(3 * time.Second)
		b.wants()
		b.radio.fault("ap1", ap.Rule{Fault: "deauth", Reason: dot11.ReasonInactivity})
		time.Sleep(time.Second)
		e := b.wants(roam.Disconnected)[0]
		if e.Reason != dot11.ReasonInactivity || e.Local || e.AP != configs[0].MLD {
			b.Errorf("told %+v", e)
		}
	})
}

// An access point that does not answer an SA Query has lost the keys.
func TestSAQuery(t *testing.T) {
	for _, answers := range []bool{true, false} {
		t.Run(fmt.Sprint("answers ", answers), func(t *testing.T) {
			configs := both(t)
			work(t, configs, nil, func(b *bench) {
				b.connect(configs[0])
				b.told()
				if !answers {
					b.radio.fault("ap1", ap.Rule{Fault: "silence"})
				}
				h := dot11.Header{FC: dot11.Deauth, Addr1: ownAddr(), Addr2: configs[0].MLD, Addr3: configs[0].MLD}
				b.radio.inject(nl80211.CommandUnprotDeauthenticate, nl80211.UnprotectedDeauth{Leave: nl80211.Leave{
					Frame: nl80211.Frame{Header: h}, Reason: dot11.ReasonClass3FromNonassoc,
				}})
				time.Sleep(3 * time.Second)
				if asked := look(b.radio, func() int { return b.radio.asked[nl80211.CommandFrame.String()] }); asked == 0 {
					b.Error("nobody was asked")
				}
				if answers {
					b.wants()
					return
				}
				if e := b.wants(roam.Disconnected)[0]; !e.Local || e.AP != configs[0].MLD {
					b.Errorf("told %+v", e)
				}
			})
		})
	}
}

// Targets that cannot be gone to.
func TestTargets(t *testing.T) {
	configs := both(t)
	configs[1].SSID = "another"
	for _, tt := range []struct {
		name   string
		change func(*roam.Target)
		want   error
		words  string
	}{
		{"unknown BSSID", func(to *roam.Target) { to.BSSID[5]++; to.BSSID[4]++ }, roam.ErrUnknownTarget, ""},
		{"another MLD", func(to *roam.Target) { to.AP.MLD[5]++ }, roam.ErrUnknownTarget, "part of 02:00:00:01:00:00 now"},
		{"another SSID", func(to *roam.Target) { to.AP.SSID = runlog.SSID("elsewhere") }, roam.ErrUnknownTarget, ""},
		{"network without a password", func(to *roam.Target) { *to = target(configs[1], 0) }, nil, "not configured"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			work(t, configs, nil, func(b *bench) {
				to := target(configs[0], 0)
				tt.change(&to)
				err := b.station.Connect(b.Context(), to)
				if err == nil || tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.words) {
					b.Errorf("error %v", err)
				}
				b.wants()
				if err := b.station.Roam(b.Context(), target(configs[0], 0)); err == nil {
					b.Error("it roams without a connection")
				}
			})
		})
	}
}

// One thing at a time.
func TestBusy(t *testing.T) {
	configs := both(t)
	work(t, configs, nil, func(b *bench) {
		b.radio.fault("", ap.Rule{Fault: "loss", Frame: "auth"})
		if err := b.station.Connect(b.Context(), target(configs[0], 0)); err != nil {
			b.Fatal(err)
		}
		if err := b.station.Connect(b.Context(), target(configs[1], 0)); !errors.Is(err, roam.ErrBusy) {
			b.Errorf("error %v", err)
		}
		if s := b.state(); s.Phase != roam.PhaseAuthenticating || !s.BSSID.IsZero() {
			b.Errorf("state %+v", s)
		}
		if err := b.station.Disconnect(b.Context()); err != nil {
			b.Error(err)
		}
		b.wants(roam.Trying, roam.Disconnected)
		b.radio.clear()
		b.connect(configs[1])
	})
}

func TestScan(t *testing.T) {
	configs := both(t)
	work(t, configs, nil, func(b *bench) {
		if err := b.station.Scan(b.Context(), roam.ScanRequest{Flush: true}); err != nil {
			b.Error(err)
		}
		known, err := b.station.Candidates(b.Context())
		if err != nil || len(known) != 4 {
			b.Fatalf("candidates %+v, error %v", known, err)
		}
		if c := known[1]; c.MLD != configs[0].MLD || c.Link != dot11.Some(uint8(1)) || c.Signal != -40 || string(c.SSID) != ssid {
			b.Errorf("candidate %+v", c)
		}
		ctx, cancel := context.WithTimeout(b.Context(), time.Millisecond)
		defer cancel()
		if err := b.station.Scan(ctx, roam.ScanRequest{}); !errors.Is(err, context.DeadlineExceeded) {
			b.Errorf("error %v", err)
		}
		synctest.Wait()
		second := make(chan error, 1)
		go func() { second <- b.station.Scan(b.Context(), roam.ScanRequest{}) }()
		synctest.Wait()
		if err := b.station.Scan(b.Context(), roam.ScanRequest{}); !errors.Is(err, roam.ErrBusy) {
			b.Errorf("error %v", err)
		}
		if s := b.state(); s.Phase != roam.PhaseScanning {
			b.Errorf("state %+v", s)
		}
		if err := <-second; err != nil {
			b.Error(err)
		}
		b.refuse(nl80211.CommandTriggerScan, syscall.EBUSY)
		if err := b.station.Scan(b.Context(), roam.ScanRequest{}); !errors.Is(err, roam.ErrBusy) {
			b.Errorf("error %v", err)
		}
		// Taken down by somebody, it is taken up again.
		if err := b.radio.Set("", false); err != nil {
			b.Fatal(err)
		}
		if s := b.state(); s.Phase != roam.PhaseDisabled {
			b.Errorf("state %+v", s)
		}
		if err := b.station.Scan(b.Context(), roam.ScanRequest{}); err != nil {
			b.Error(err)
		}
		b.connect(configs[0])
	})
}

// An interface that is taken away comes back with another number.
func TestGone(t *testing.T) {
	configs := both(t)
	work(t, configs, nil, func(b *bench) {
		b.connect(configs[0])
		b.told()
		b.radio.mu.Lock()
		b.radio.absent = true
		b.radio.forgetConnection()
		b.radio.tell(nl80211.CommandDelInterface, nl80211.InterfaceRemoved{Interface: nl80211.Interface{Index: ifindex, Name: "wlan0"}})
		b.radio.mu.Unlock()
		time.Sleep(time.Second)
		b.wants(roam.Gone)
		for name, err := range map[string]error{
			"connect": b.station.Connect(b.Context(), target(configs[0], 0)), "scan": b.station.Scan(b.Context(), roam.ScanRequest{}),
			"disconnect": b.station.Disconnect(b.Context()),
		} {
			if !errors.Is(err, roam.ErrGone) {
				b.Errorf("%s: error %v", name, err)
			}
		}
		if s := b.state(); s.Phase != roam.PhaseGone {
			b.Errorf("state %+v", s)
		}
		b.radio.mu.Lock()
		b.radio.absent, b.radio.up, b.radio.index = false, false, ifindex+1
		b.radio.tell(nl80211.CommandNewInterface, nl80211.InterfaceAdded{Interface: nl80211.Interface{Index: ifindex + 1, Name: "wlan0"}})
		b.radio.mu.Unlock()
		time.Sleep(time.Second)
		b.wants(roam.Back)
		b.connect(configs[0])
	})
}

// After events were lost, the kernel is asked.
func TestOverrun(t *testing.T) {
	configs := both(t)
	work(t, configs, nil, func(b *bench) {
		b.connect(configs[0])
		b.told()
		b.radio.inject(0, nl80211.Overrun{})
		synctest.Wait()
		b.wants()
		b.radio.mu.Lock()
		b.radio.forgetConnection()
		b.radio.tell(0, nl80211.Overrun{Lost: 3})
		b.radio.mu.Unlock()
		b.wants(roam.Disconnected)
		// In the midst of an attempt its deadline is what there is.
		b.radio.fault("", ap.Rule{Fault: "loss", Frame: "auth"})
		if err := b.station.Connect(b.Context(), target(configs[0], 0)); err != nil {
			b.Fatal(err)
		}
		b.radio.mu.Lock()
		b.radio.pending = nil
		b.radio.mu.Unlock()
		time.Sleep(11 * time.Second)
		b.wants(roam.Trying, roam.GaveUp)
	})
}

// Without a socket nothing can be done any more.
func TestSocketLost(t *testing.T) {
	configs := both(t)
	work(t, configs, nil, func(b *bench) {
		b.connect(configs[0])
		b.told()
		if err := b.radio.Close(); err != nil {
			b.Fatal(err)
		}
		b.wants(roam.Gone)
		if err := b.station.Connect(b.Context(), target(configs[0], 0)); !errors.Is(err, roam.ErrGone) {
			b.Errorf("error %v", err)
		}
	})
}

// What is not ours to have is not taken.
func TestOpenRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*direct.Config, *radio)
		words  string
	}{
		{"no interface", func(c *direct.Config, _ *radio) { c.Interface = "" }, "no interface"},
		{"unknown group", func(c *direct.Config, _ *radio) { c.Groups = append(c.Groups, 5) }, "group 5"},
		{"two of a network", func(c *direct.Config, _ *radio) { c.Networks = append(c.Networks, c.Networks[0]) }, "twice"},
		{"PSK of letters", func(c *direct.Config, _ *radio) { c.Networks[0].PSK = "sesame open" }, "64 hexadecimal digits"},
		{"no SSID", func(c *direct.Config, _ *radio) { c.Networks[0].SSID = nil }, "SSID"},
		{"a supplicant", func(_ *direct.Config, r *radio) { r.taken = true }, "another program manages the interface"},
		{"a connection", func(_ *direct.Config, r *radio) { r.connected = true }, "it is connected"},
		{"firmware that connects", func(_ *direct.Config, r *radio) { r.wiphy.Commands = nil }, "--via ctrl"},
		{"no such interface", func(_ *direct.Config, r *radio) { r.absent = true }, "no such device"},
		{"negative links", func(c *direct.Config, _ *radio) { c.MaxLinks = -1 }, "negative"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRadio(t, both(t)...)
				c := direct.Config{Interface: "wlan0", Clock: r.clock, Switch: r, Networks: []direct.Network{{SSID: runlog.SSID(ssid), Password: password}}}
				tt.change(&c, r)
				_, err := direct.New(t.Context(), r, c)
				if err == nil || !strings.Contains(err.Error(), tt.words) || strings.Contains(err.Error(), "sesame") {
					t.Errorf("error %v, want one with %q", err, tt.words)
				}
				if r.up {
					t.Error("the interface is left up")
				}
			})
		})
	}
}

// Nothing shows a password.
func TestSecret(t *testing.T) {
	c := direct.Config{Networks: []direct.Network{{SSID: runlog.SSID(ssid), Password: password, PSK: password}}}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(format, c); strings.Contains(text, password) {
			t.Errorf("%s shows %s", format, text)
		}
	}
}

// Requests fail after Close, and Close may come twice.
func TestClosed(t *testing.T) {
	configs := both(t)
	work(t, configs, nil, func(b *bench) {
		b.connect(configs[0])
		b.told()
		if err := b.station.Close(); err != nil {
			b.Error(err)
		}
		<-b.ended
		if _, err := b.station.State(b.Context()); err == nil {
			b.Error("a closed station tells its state")
		}
		if b.radio.up || len(b.radio.stations("ap1")) != 0 {
			b.Error("the interface is up, or the access point was not told")
		}
	})
}

// A new pairwise key is taken, by the access point's will and by ours, and the
// connection stands.
func TestPairwiseRekey(t *testing.T) {
	configs := both(t)
	work(t, configs, nil, func(b *bench) {
		b.connect(configs[0])
		b.wants(way...)
		renewed := func(request func()) {
			confirmed := 0
			b.radio.air(func(_ time.Duration, n *lab.Network) { n.Events() })
			request()
			time.Sleep(2 * time.Second)
			b.radio.air(func(_ time.Duration, n *lab.Network) {
				for _, e := range n.Events() {
					if e.What == ap.Rekeyed && e.Detail == "pairwise" {
						confirmed++
					}
				}
			})
			if confirmed != 1 {
				b.Errorf("%d new keys are confirmed", confirmed)
			}
		}
		renewed(func() { b.radio.fault("ap1", ap.Rule{Fault: "rekey-pairwise"}) })
		renewed(func() {
			if err := b.station.RequestPairwiseRekey(b.Context()); err != nil {
				b.Error(err)
			}
		})
		if err := b.station.Roam(b.Context(), target(configs[1], 0)); err != nil {
			b.Fatal(err)
		}
	})
}
