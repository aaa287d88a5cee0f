package ctrl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

// target is the AP MLD that the fake knows.
func target() roam.Target {
	return roam.Target{BSSID: link(1), AP: runlog.AP{MLD: mld(), SSID: ssid("lab"), Links: []runlog.Link{
		{ID: dot11.Some(uint8(0)), BSSID: link(0), Freq: 2412}, {ID: dot11.Some(uint8(1)), BSSID: link(1), Freq: 5180},
	}}}
}

// usually is what the fake answers where a test wants nothing else.
func usually(more map[string]string) func(string) []string {
	table := map[string]string{
		"STATUS":                   "wpa_state=COMPLETED\nbssid=02:00:00:00:01:00\nap_mld_addr=02:00:00:00:01:00\nfreq=5180\nssid=lab\nid=1\nkey_mgmt=SAE\n",
		"MLO_STATUS":               "link_id=0\nfreq=2412\nap_link_addr=02:00:00:00:01:10\nlink_id=1\nfreq=5180\nap_link_addr=02:00:00:00:01:11\n",
		"LIST_NETWORKS LAST_ID=-1": "network id / ssid / bssid / flags\n0\tother\tany\t\n1\tlab\tany\t[DISABLED]\n2\toff\tany\t[DISABLED]\n",
		"LIST_NETWORKS":            "network id / ssid / bssid / flags\n",
		"BSS 02:00:00:00:01:11":    "id=1\nbssid=02:00:00:00:01:11\nssid=lab\n",
		"BSS ":                     "",
		"GET_NETWORK 1 bgscan":     "\"simple:30:-45:300\"\n",
		"SCAN ":                    "7\n",
	}
	for begin, answer := range more {
		table[begin] = answer
	}
	return script(table)
}

func TestState(t *testing.T) {
	path := place(t)
	f := start(t, path, usually(nil))
	s := begin(t, path, Options{})
	want := roam.State{Phase: roam.PhaseConnected, BSSID: link(1), MLD: mld(), SSID: ssid("lab")}
	got, err := s.State(t.Context())
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("error %v, %s", err, d)
	}
	f.down()
	if got, err := s.State(t.Context()); err != nil || got.Phase != roam.PhaseGone {
		t.Errorf("of a daemon that is gone: %+v, error %v", got, err)
	}
	f.again(usually(map[string]string{"STATUS": "wpa_state=DREAMING\n"}))
	if got, err := s.State(t.Context()); err == nil {
		t.Errorf("an unknown state is %+v", got)
	}
}

// What is asked of the daemon, in order, and what of it is undone.
func TestRequests(t *testing.T) {
	const pin, hush = "SET_NETWORK 1 bssid 02:00:00:00:01:11", `SET_NETWORK 1 bgscan ""`
	ctx := context.Background()
	known := fmt.Sprintf("BSS 02:00:00:00:01:11 MASK=%x", maskBrief)
	connect := []string{
		"LIST_NETWORKS LAST_ID=-1", "LIST_NETWORKS LAST_ID=2", known, "DISCONNECT", "GET_NETWORK 1 bgscan", hush, pin, "SELECT_NETWORK 1 freq=2412,5180",
	}
	undone := []string{"DISABLE_NETWORK 1", "ENABLE_NETWORK 0 no-connect", "SET_NETWORK 1 bssid any"}
	restored := `SET_NETWORK 1 bgscan "simple:30:-45:300"`
	for _, tt := range []struct {
		name    string
		options Options
		do      func(s *Station) error
		answers map[string]string
		err     error // nil: none is wanted
		asked   []string
		close   []string
	}{
		{name: "connect", do: func(s *Station) error { return s.Connect(ctx, target()) }, asked: connect, close: append(undone[:3:3], restored)},
		{name: "connect and disconnect", do: func(s *Station) error { return errors.Join(s.Connect(ctx, target()), s.Disconnect(ctx)) },
			asked: append(append(connect[:len(connect):len(connect)], "DISCONNECT"), undone...), close: []string{restored}},
		{name: "connect to whom it does not know", do: func(s *Station) error { return s.Connect(ctx, target()) },
			answers: map[string]string{"BSS 02:00:00:00:01:11": ""}, err: roam.ErrUnknownTarget, asked: connect[:3]},
		{name: "connect to another network of that address", do: func(s *Station) error { return s.Connect(ctx, target()) },
			answers: map[string]string{"BSS 02:00:00:00:01:11": "id=1\nbssid=02:00:00:00:01:11\nssid=evil\n"}, err: roam.ErrUnknownTarget, asked: connect[:3]},
		{name: "roam", do: func(s *Station) error { return s.Roam(ctx, target()) },
			asked: []string{"STATUS", "GET_NETWORK 1 bgscan", hush, "ROAM 02:00:00:00:01:11"}, close: []string{restored}},
		{name: "roam, left alone", options: Options{MayRoam: true}, do: func(s *Station) error { return s.Roam(ctx, target()) },
			asked: []string{"STATUS", "ROAM 02:00:00:00:01:11"}},
		{name: "roam without background scans", do: func(s *Station) error { return s.Roam(ctx, target()) },
			answers: map[string]string{"GET_NETWORK 1 bgscan": "\"\""}, asked: []string{"STATUS", "GET_NETWORK 1 bgscan", "ROAM 02:00:00:00:01:11"}},
		{name: "roam where none are set", do: func(s *Station) error { return s.Roam(ctx, target()) },
			answers: map[string]string{"GET_NETWORK 1 bgscan": "FAIL\n"}, asked: []string{"STATUS", "GET_NETWORK 1 bgscan", hush, "ROAM 02:00:00:00:01:11"},
			close: []string{"SET_NETWORK 1 bgscan NULL"}},
		{name: "roam to whom it does not know", do: func(s *Station) error { return s.Roam(ctx, target()) },
			answers: map[string]string{"ROAM": "FAIL\n", "BSS 02:00:00:00:01:11": ""}, err: roam.ErrUnknownTarget,
			asked: []string{"STATUS", "GET_NETWORK 1 bgscan", hush, "ROAM 02:00:00:00:01:11", known}, close: []string{restored}},
		{name: "avoid", do: func(s *Station) error { return s.Avoid(ctx, target().AP) },
			asked: []string{
				"BSSID_IGNORE 02:00:00:00:01:10", "BSSID_IGNORE 02:00:00:00:01:10", "BSSID_IGNORE 02:00:00:00:01:10",
				"BSSID_IGNORE 02:00:00:00:01:11", "BSSID_IGNORE 02:00:00:00:01:11", "BSSID_IGNORE 02:00:00:00:01:11", "REASSOCIATE",
			}, close: []string{"BSSID_IGNORE clear"}},
		{name: "allow of an older daemon", do: func(s *Station) error { return s.Allow(ctx) },
			answers: map[string]string{"BSSID_IGNORE": "UNKNOWN COMMAND\n"}, asked: []string{"BSSID_IGNORE clear", "BLACKLIST clear"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := place(t)
			f := start(t, path, usually(tt.answers))
			s := begin(t, path, tt.options)
			if err := tt.do(s); !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			if d := cmp.Diff(tt.asked, f.requests()); d != "" {
				t.Errorf("asked (-want +got): %s", d)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if d := cmp.Diff(tt.close, f.requests()); d != "" {
				t.Errorf("asked by Close (-want +got): %s", d)
			}
		})
	}
}

// Why a roam is refused.
func TestRoamRefused(t *testing.T) {
	for _, tt := range []struct{ name, status, says string }{
		{"disconnected", "wpa_state=DISCONNECTED\n", "connect first"},
		{"elsewhere", "wpa_state=COMPLETED\nbssid=02:00:00:00:09:10\nssid=other\nid=0\n", "connect to it"},
		{"no reason", "wpa_state=COMPLETED\nbssid=02:00:00:00:09:10\nssid=lab\nid=1\n", "FAIL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := place(t)
			start(t, path, usually(map[string]string{"ROAM": "FAIL\n", "STATUS": tt.status}))
			if err := begin(t, path, Options{}).Roam(t.Context(), target()); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want %q", err, tt.says)
			}
		})
	}
}

func TestConnectRefused(t *testing.T) {
	path := place(t)
	start(t, path, usually(map[string]string{"LIST_NETWORKS": "network id / ssid / bssid / flags\n", "LIST_NETWORKS LAST_ID=-1": "3\tlab\tany\t[DISABLED][P2P-PERSISTENT]\n"}))
	if err := begin(t, path, Options{}).Connect(t.Context(), target()); err == nil || !strings.Contains(err.Error(), "add it there") {
		t.Errorf("error %v", err)
	}
}

// The network is let go when the daemon begins with the target, and not before.
func TestUnpin(t *testing.T) {
	path := place(t)
	f := start(t, path, usually(nil))
	s := begin(t, path, Options{})
	if err := s.Connect(t.Context(), target()); err != nil {
		t.Fatal(err)
	}
	f.requests()
	f.tell("<3>SME: Trying to authenticate with 02:00:00:00:09:10 (SSID='lab' freq=2412 MHz)")
	next(t, s, roam.Trying)
	f.tell("<3>SME: Trying to authenticate with 02:00:00:00:01:11 (SSID='lab' freq=5180 MHz)")
	f.sent("SET_NETWORK 1 bssid any")
	if asked := f.requests(); len(asked) != 1 {
		t.Errorf("asked %q", asked)
	}
}

func TestCandidates(t *testing.T) {
	path := place(t)
	entry := func(id int, ie string) string {
		return fmt.Sprintf("id=%d\nbssid=02:00:00:00:01:%02x\nfreq=5180\nlevel=-40\nage=1\n%sssid=lab\n", id, 0x10+id, ie)
	}
	brief := fmt.Sprintf("MASK=%x", maskBrief)
	start(t, path, func(request string) []string {
		var from int
		if _, err := fmt.Sscanf(request, "BSS RANGE=%d-", &from); err != nil {
			return []string{"FAIL\n"}
		}
		switch {
		case from == 0:
			return []string{entry(1, fmt.Sprintf("ie=%x\n", multiLink(1))) + "====\n" + entry(3, "")}
		case from == 4 && strings.HasSuffix(request, brief):
			return []string{entry(4, "") + "====\n" + entry(5, "")}
		case from == 5:
			// One that counts down would never end.
			return []string{entry(5, "") + "====\n" + entry(2, "")}
		}
		return []string{""}
	})
	got, err := begin(t, path, Options{}).Candidates(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var bssids []dot11.Addr
	for _, c := range got {
		bssids = append(bssids, c.BSSID)
	}
	if d := cmp.Diff([]dot11.Addr{link(1), link(3), link(4), link(5)}, bssids); d != "" {
		t.Error(d)
	}
	if want := (roam.Candidate{BSSID: link(1), MLD: mld(), Link: dot11.Some(uint8(1)), SSID: ssid("lab"), Freq: 5180, Signal: -40, Age: time.Second}); cmp.Diff(want, got[0]) != "" {
		t.Errorf("%+v, want %+v", got[0], want)
	}
}

func TestScan(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answers []string // to SCAN, one after the other; the last stays
		tell    []string
		want    error
		says    string
		asked   int
	}{
		{name: "ours, after another's", answers: []string{"7\n"}, tell: []string{"<3>CTRL-EVENT-SCAN-RESULTS ", "<3>CTRL-EVENT-SCAN-RESULTS id=6", "<3>CTRL-EVENT-SCAN-RESULTS id=7"}, asked: 1},
		{name: "a daemon without numbers", answers: []string{"OK\n"}, tell: []string{"<3>CTRL-EVENT-SCAN-STARTED ", "<3>CTRL-EVENT-SCAN-RESULTS "}, asked: 1},
		{name: "busy at first", answers: []string{"FAIL-BUSY\n", "FAIL-BUSY\n", "7\n"}, tell: []string{"<3>CTRL-EVENT-SCAN-RESULTS id=7"}, asked: 3},
		{name: "busy for ever", answers: []string{"FAIL-BUSY\n"}, want: roam.ErrBusy, says: "for 500ms"},
		{name: "the kernel is busy", answers: []string{"7\n"}, tell: []string{"<3>CTRL-EVENT-SCAN-FAILED ret=-16"}, want: roam.ErrBusy},
		{name: "the daemon tries again", answers: []string{"7\n"}, tell: []string{"<3>CTRL-EVENT-SCAN-FAILED ret=-16 retry=1", "<3>CTRL-EVENT-SCAN-RESULTS id=7"}, asked: 1},
		{name: "dropped for a connection", answers: []string{"7\n"}, tell: []string{"<3>SME: Trying to authenticate with 02:00:00:00:01:10 (SSID='lab' freq=2412 MHz)"}, want: roam.ErrBusy, says: "connecting"},
		{name: "failed", answers: []string{"7\n"}, tell: []string{"<3>CTRL-EVENT-SCAN-FAILED ret=-22"}, says: "ret=-22", asked: 1},
		{name: "refused", answers: []string{"FAIL\n"}, says: "FAIL", asked: 1},
		{name: "nothing comes", answers: []string{"7\n"}, want: errNoResults, asked: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := place(t)
			f := start(t, path, nil)
			n := 0
			f.answering(func(request string) []string {
				if request != "SCAN TYPE=ONLY use_id=1 freq=2412,5180 ssid 6c6162" {
					return []string{"OK\n"}
				}
				answer := tt.answers[min(n, len(tt.answers)-1)]
				n++
				if !strings.HasPrefix(answer, "FAIL") {
					time.AfterFunc(5*time.Millisecond, func() {
						for _, text := range tt.tell {
							f.tell(text)
						}
					})
				}
				return []string{answer}
			})
			s := begin(t, path, Options{Patience: 500 * time.Millisecond})
			err := s.Scan(t.Context(), roam.ScanRequest{Freqs: []int{2412, 5180}, SSID: []byte("lab")})
			switch {
			case tt.want == nil && tt.says == "" && err != nil, tt.want != nil && !errors.Is(err, tt.want), tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)):
				t.Errorf("error %v, want %v %q", err, tt.want, tt.says)
			}
			if asked := f.requests(); tt.asked > 0 && len(asked) != tt.asked {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

func TestScanFlushes(t *testing.T) {
	path := place(t)
	f := start(t, path, script(map[string]string{"SCAN": "FAIL\n"}))
	_ = begin(t, path, Options{}).Scan(t.Context(), roam.ScanRequest{Flush: true})
	if d := cmp.Diff([]string{"BSS_FLUSH 0", "SCAN TYPE=ONLY use_id=1"}, f.requests()); d != "" {
		t.Error(d)
	}
}

// A daemon that goes within a scan ends it, and is told as gone once; one that
// comes again is listened to.
func TestGoneAndBack(t *testing.T) {
	path := place(t)
	f := start(t, path, usually(nil))
	s := begin(t, path, Options{})
	done := make(chan error, 1)
	go func() { done <- s.Scan(context.Background(), roam.ScanRequest{}) }()
	f.sent("SCAN TYPE=ONLY use_id=1")
	f.tell("<3>CTRL-EVENT-TERMINATING ")
	if e := next(t, s, roam.Gone); e.Record == nil {
		t.Error("its last word is not told")
	}
	f.down()
	if err := <-done; !errors.Is(err, roam.ErrGone) {
		t.Errorf("error %v, want %v", err, roam.ErrGone)
	}
	f.again(usually(nil))
	select {
	case e := <-s.Events():
		if e.What != roam.Back {
			t.Errorf("%+v, want %q", e, roam.Back)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was told")
	}
	f.tell("<3>Associated with 02:00:00:00:01:00")
	e := next(t, s, roam.Associated)
	if e.Record == nil || e.Record.Message != "wlan0: Associated with 02:00:00:00:01:00" || e.Record.Boot != s.options.Boot || e.Record.Time.Mono != e.At.Monotonic || !e.Record.Time.Real() {
		t.Errorf("record %+v", e.Record)
	}
	// One that is killed says nothing, and one that has taken its place at once is
	// another.
	f.down()
	f.again(usually(nil))
	next(t, s, roam.Gone)
	next(t, s, roam.Back)
}

// One that hangs is told from one that has nothing to say.
func TestHung(t *testing.T) {
	path := place(t)
	f := start(t, path, usually(nil))
	short := config(path)
	short.Timeout = 100 * time.Millisecond
	s := begin(t, path, Options{Config: short})
	select {
	case e := <-s.Events():
		t.Errorf("of a quiet one is told %+v", e)
	case <-time.After(4 * look):
	}
	f.setDeaf(true)
	if e := next(t, s, roam.Said); e.Record.Identifier != ownIdentifier || !strings.Contains(e.Record.Message, roam.ErrSilent.Error()) {
		t.Errorf("record %+v", e.Record)
	}
	f.setDeaf(false)
	f.tell("<3>Associated with 02:00:00:00:01:00")
	if e := next(t, s, roam.Said); !strings.Contains(e.Record.Message, "answers again") {
		t.Errorf("record %+v", e.Record)
	}
	next(t, s, roam.Associated)
}

func TestClose(t *testing.T) {
	path := place(t)
	f := start(t, path, usually(nil))
	s := begin(t, path, Options{})
	if err := s.Connect(t.Context(), target()); err != nil {
		t.Fatal(err)
	}
	f.down()
	if err := s.Close(); err != nil {
		t.Errorf("of a daemon that is gone: %v", err)
	}
	for range s.Events() {
	}
	if err := s.Close(); err != nil {
		t.Errorf("again: %v", err)
	}
	if _, err := s.State(t.Context()); err == nil {
		t.Error("a closed station tells its state")
	}
}
