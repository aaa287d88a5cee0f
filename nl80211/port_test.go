package nl80211

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func comeback(n byte) []byte { return address(6, dot11.Addr{2, 0, 0, 0, 0, n}) }

// nextComeback receives an event and tells which of the test's it is.
func nextComeback(t *testing.T, c *Client) byte {
	t.Helper()
	e, err := c.Receive(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	b, ok := e.Body.(AssocComeback)
	if !ok {
		t.Fatalf("event %T, want AssocComeback", e.Body)
	}
	if e.Stamp != testStamp() {
		t.Errorf("stamp %v, want %v", e.Stamp, testStamp())
	}
	return b.Addr[5]
}

// Events that come around an answer are kept, in their order.
func TestEventsAroundAnAnswer(t *testing.T) {
	c, _ := boot(t, func(k *kernel, m netlink.Message) {
		k.event(CommandAssocComeback, comeback(1))
		k.event(CommandAssocComeback, comeback(2))
		k.acknowledge(m, 0)
		k.event(CommandAssocComeback, comeback(3))
	})
	if err := c.AbortScan(limited(t), 7); err != nil {
		t.Fatal(err)
	}
	for want := byte(1); want <= 3; want++ {
		if got := nextComeback(t, c); got != want {
			t.Errorf("event %d, want %d", got, want)
		}
	}
}

// While one waits for events, others ask: who reads hands over.
func TestRequestsWhileReceiving(t *testing.T) {
	c, k := boot(t, func(k *kernel, m netlink.Message) {
		switch Command(m.Data[0]) {
		case CommandGetStation:
			k.push(datagram{messages: []netlink.Message{
				part(m, netlink.Multi, CommandNewStation, address(6, apLink(1))),
				part(m, netlink.Multi, CommandNewStation, address(6, apLink(2))),
			}})
			k.event(CommandAssocComeback, comeback(1))
			k.push(datagram{messages: []netlink.Message{part(m, netlink.Multi, CommandNewStation, address(6, apLink(3))), done(m)}})
		case CommandGetSurvey:
			k.push(datagram{messages: []netlink.Message{done(m)}})
		case CommandGetInterface:
			k.reply(m, 0, CommandNewInterface, num32(3, 7))
		default:
			k.acknowledge(m, syscall.EBUSY)
		}
	})
	events := make(chan Event)
	ctx, stop := context.WithCancel(limited(t))
	ended := make(chan error, 1)
	go func() {
		for {
			e, err := c.Receive(ctx)
			if err != nil {
				ended <- err
				return
			}
			events <- e
		}
	}()
	k.reading(t)
	stations, err := c.Stations(limited(t), 7)
	if err != nil || len(stations) != 3 || stations[2].Addr != apLink(3) {
		t.Errorf("stations %v, error %v", stations, err)
	}
	if e := <-events; e.Command != CommandAssocComeback {
		t.Errorf("event %v", e.Command)
	}
	k.reading(t)
	surveys, err := c.Surveys(limited(t), 7)
	if err != nil || len(surveys) != 0 {
		t.Errorf("surveys %v, error %v", surveys, err)
	}
	k.reading(t)
	if i, err := c.Interface(limited(t), 7); err != nil || i.Index != 7 {
		t.Errorf("interface %v, error %v", i, err)
	}
	k.reading(t)
	if err := c.AbortScan(limited(t), 7); !errors.Is(err, syscall.EBUSY) {
		t.Errorf("error %v, want EBUSY", err)
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("receiving ended with %v", err)
	}
}

// Many ask at a time while events come; each gets its own answer.
func TestConcurrentRequests(t *testing.T) {
	c, k := boot(t, func(k *kernel, m netlink.Message) {
		k.event(CommandAssocComeback, comeback(1))
		k.reply(m, 0, CommandNewInterface, m.Data[4:])
	})
	const each, workers = 50, 8
	failures := make(chan error, workers)
	for w := range workers {
		go func() {
			for i := range each {
				index := 1 + w*each + i
				got, err := c.Interface(context.Background(), index)
				if err == nil && got.Index != index {
					err = errors.New("somebody else's answer")
				}
				if err != nil {
					failures <- err
					return
				}
			}
			failures <- nil
		}()
	}
	for range each * workers {
		nextComeback(t, c)
	}
	for range workers {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
	if k.asked() != each*workers {
		t.Errorf("%d requests, want %d", k.asked(), each*workers)
	}
}

// The kernel's refusal comes with its words, and the place it speaks of is
// resolved to attribute and link.
func TestExtendedAck(t *testing.T) {
	ask := AssocRequest{
		Interface: 7, SSID: []byte("home"), MLD: dot11.Some(MLDTarget{Addr: apMLD(), Link: 0}),
		Links: []AssocLink{{ID: 0, BSSID: apLink(0), Freq: 2412}, {ID: 4, BSSID: apLink(4), Freq: 5180}},
	}
	// Header, interface, MLD address, link, list with its first entry of 4 + 8 + 12 + 8.
	const second = 20 + 8 + 12 + 8 + 4 + 32
	for _, tt := range []struct {
		name   string
		errno  syscall.Errno
		tlvs   [][]byte
		want   *Error
		text   string
		lines  []string
		report string
	}{
		{
			name: "words and link", errno: syscall.ENOENT,
			tlvs: [][]byte{str(1, "Error fetching BSS for link"), num32(2, second)},
			want: &Error{
				Command: CommandAssociate, Interface: 7, Errno: syscall.ENOENT, Message: "Error fetching BSS for link", Offset: second,
				Attributes: []uint16{attrMLOLinks, 2}, Link: dot11.Some(uint8(4)),
			},
			text:   "nl80211: kernel reports: Error fetching BSS for link",
			lines:  []string{"nl80211: kernel reports: Error fetching BSS for link", "nl80211: kernel reports error for link: 4", "nl80211: MLME command failed (assoc): ret=-2 (no such file or directory)"},
			report: "NL80211_CMD_ASSOCIATE on interface 7: no such file or directory: kernel reports: Error fetching BSS for link (NL80211_ATTR_MLO_LINKS, link 4)",
		},
		{
			name: "attribute of a link", errno: syscall.EINVAL,
			tlvs: [][]byte{num32(2, second+4+8)},
			want: &Error{
				Command: CommandAssociate, Interface: 7, Errno: syscall.EINVAL, Offset: second + 12,
				Attributes: []uint16{attrMLOLinks, 2, attrMAC}, Link: dot11.Some(uint8(4)),
			},
			text:   "nl80211: kernel reports error for link: 4",
			lines:  []string{"nl80211: kernel reports error for link: 4", "nl80211: MLME command failed (assoc): ret=-22 (invalid argument)"},
			report: "NL80211_CMD_ASSOCIATE on interface 7: invalid argument (NL80211_ATTR_MAC, link 4)",
		},
		{
			name: "attribute", errno: syscall.EINVAL,
			tlvs:   [][]byte{str(1, "no"), num32(2, 20)},
			want:   &Error{Command: CommandAssociate, Interface: 7, Errno: syscall.EINVAL, Message: "no", Offset: 20, Attributes: []uint16{attrIfindex}},
			text:   "nl80211: kernel reports: no",
			lines:  []string{"nl80211: kernel reports: no", "nl80211: MLME command failed (assoc): ret=-22 (invalid argument)"},
			report: "NL80211_CMD_ASSOCIATE on interface 7: invalid argument: kernel reports: no (NL80211_ATTR_IFINDEX)",
		},
		{
			name: "no words", errno: syscall.EPERM,
			want:   &Error{Command: CommandAssociate, Interface: 7, Errno: syscall.EPERM},
			text:   "nl80211: MLME command failed (assoc): ret=-1 (operation not permitted)",
			lines:  []string{"nl80211: MLME command failed (assoc): ret=-1 (operation not permitted)"},
			report: "NL80211_CMD_ASSOCIATE on interface 7: operation not permitted; it takes CAP_NET_ADMIN, and a connection that another program owns is not to be touched",
		},
		{
			name: "a place outside", errno: syscall.EINVAL,
			tlvs:   [][]byte{num32(2, 5000)},
			want:   &Error{Command: CommandAssociate, Interface: 7, Errno: syscall.EINVAL, Offset: 5000},
			text:   "nl80211: MLME command failed (assoc): ret=-22 (invalid argument)",
			lines:  []string{"nl80211: MLME command failed (assoc): ret=-22 (invalid argument)"},
			report: "NL80211_CMD_ASSOCIATE on interface 7: invalid argument",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := boot(t, func(k *kernel, m netlink.Message) { k.acknowledge(m, tt.errno, tt.tlvs...) })
			err := c.Associate(limited(t), ask)
			var got *Error
			if !errors.As(err, &got) {
				t.Fatalf("error %v is no refusal", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !errors.Is(err, tt.errno) {
				t.Errorf("%v is not %v", err, tt.errno)
			}
			if diff := cmp.Diff(tt.lines, got.Lines()); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if got.Text() != tt.text {
				t.Errorf("text %q, want %q", got.Text(), tt.text)
			}
			if got.Error() != tt.report {
				t.Errorf("report %q, want %q", got.Error(), tt.report)
			}
		})
	}
}

func TestControlPortCookie(t *testing.T) {
	for _, tt := range []struct {
		name string
		tlvs [][]byte
		want uint64
	}{
		{"cookie", [][]byte{num64(3, 0x1234)}, 0x1234},
		{"none", nil, 0},
		{"other", [][]byte{str(1, "warning")}, 0},
		{"short", [][]byte{num32(3, 5)}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := boot(t, func(k *kernel, m netlink.Message) { k.acknowledge(m, 0, tt.tlvs...) })
			got, err := c.SendControlPort(limited(t), ControlPortRequest{Interface: 7, Payload: []byte{1}})
			check(t, tt.want, got, err)
		})
	}
}

// The end of the context ends the waiting, and what comes late is nobody's.
func TestCancelled(t *testing.T) {
	late := make(chan netlink.Message, 1)
	c, k := boot(t, func(k *kernel, m netlink.Message) {
		if Command(m.Data[0]) == CommandAbortScan {
			late <- m
			return
		}
		k.acknowledge(m, 0)
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		k.reading(t)
		cancel()
	}()
	if err := c.AbortScan(ctx, 7); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if err := c.AbortScan(ctx, 7); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	k.acknowledge(<-late, syscall.EBUSY)
	if err := c.Disconnect(limited(t), 7, 3); err != nil {
		t.Errorf("the answer to another request was taken: %v", err)
	}
	if _, err := c.Receive(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// A dump that is given up does not spoil the next one.
func TestAbandonedDump(t *testing.T) {
	first := make(chan netlink.Message, 1)
	c, k := boot(t, func(k *kernel, m netlink.Message) {
		select {
		case first <- m:
			k.push(datagram{messages: []netlink.Message{part(m, netlink.Multi, CommandNewStation, address(6, apLink(1)))}})
			return
		default:
		}
		k.push(datagram{messages: []netlink.Message{part(m, netlink.Multi, CommandNewStation, address(6, apLink(9))), done(m)}})
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		k.reading(t)
		cancel()
	}()
	if _, err := c.Stations(ctx, 7); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	m := <-first
	first <- m
	k.push(datagram{messages: []netlink.Message{part(m, netlink.Multi, CommandNewStation, address(6, apLink(2))), done(m)}})
	stations, err := c.Stations(limited(t), 7)
	if err != nil || len(stations) != 1 || stations[0].Addr != apLink(9) {
		t.Errorf("stations %v, error %v", stations, err)
	}
}

// The late refusal of a request that was given up tears a dump: what came before
// it is lost. The dump is asked for again, and the gap in the events is told.
func TestTornDump(t *testing.T) {
	var late netlink.Message
	c, k := boot(t, func(k *kernel, m netlink.Message) {
		if Command(m.Data[0]) == CommandAbortScan {
			late = m
			return
		}
		first := datagram{messages: []netlink.Message{part(m, netlink.Multi, CommandNewStation, address(6, apLink(1)))}}
		last := datagram{messages: []netlink.Message{part(m, netlink.Multi, CommandNewStation, address(6, apLink(2))), done(m)}}
		k.push(first)
		if k.asked() == 2 {
			k.event(CommandAssocComeback, comeback(1))
			k.acknowledge(late, syscall.EBUSY)
		}
		k.push(last)
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		k.reading(t)
		cancel()
	}()
	if err := c.AbortScan(ctx, 7); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	stations, err := c.Stations(limited(t), 7)
	if err != nil || len(stations) != 2 || k.asked() != 3 {
		t.Errorf("stations %v after %d requests, error %v", stations, k.asked(), err)
	}
	e, err := c.Receive(limited(t))
	check(t, Event{Stamp: testStamp(), Body: Overrun{}}, e, err)
}

// A dump that is torn each time is an error in the end.
func TestAlwaysTorn(t *testing.T) {
	c, k := boot(t, func(k *kernel, m netlink.Message) {
		k.push(overrun())
		k.push(datagram{messages: []netlink.Message{done(m)}})
	})
	if _, err := c.Surveys(limited(t), 7); !errors.Is(err, errTorn) || k.asked() != maxTornDumps {
		t.Errorf("error %v after %d requests", err, k.asked())
	}
}

// A dump that was given up and whose end never comes holds up the next one for a
// while, and not for ever.
func TestEndlessDump(t *testing.T) {
	c, k := boot(t, func(k *kernel, m netlink.Message) {
		if k.asked() > 1 {
			k.push(datagram{messages: []netlink.Message{part(m, netlink.Multi, CommandNewStation, address(6, apLink(9))), done(m)}})
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		k.reading(t)
		cancel()
	}()
	if _, err := c.Stations(ctx, 7); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if _, err := c.Stations(ctx, 7); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if stations, err := c.Stations(limited(t), 7); err != nil || len(stations) != 1 {
		t.Errorf("stations %v, error %v", stations, err)
	}
}

// A refused dump is over.
func TestRefusedDump(t *testing.T) {
	c, _ := boot(t, func(k *kernel, m netlink.Message) {
		if k.asked() == 1 {
			k.acknowledge(m, syscall.EOPNOTSUPP)
			return
		}
		k.push(datagram{messages: []netlink.Message{done(m)}})
	})
	if _, err := c.Surveys(limited(t), 7); !errors.Is(err, syscall.EOPNOTSUPP) {
		t.Errorf("error %v", err)
	}
	if surveys, err := c.Surveys(limited(t), 7); err != nil || len(surveys) != 0 {
		t.Errorf("surveys %v, error %v", surveys, err)
	}
}

// An error of the socket is told to who asks.
func TestSocketError(t *testing.T) {
	broken := errors.New("broken")
	c, k := boot(t, func(k *kernel, _ netlink.Message) { k.push(datagram{err: broken}) })
	if err := c.AbortScan(limited(t), 7); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	k.push(datagram{err: broken})
	if _, err := c.Receive(limited(t)); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	k.refuse = broken
	if err := c.AbortScan(limited(t), 7); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

// Many answers are too many.
func TestAnswerBounded(t *testing.T) {
	c, _ := boot(t, func(k *kernel, m netlink.Message) {
		many := make([]netlink.Message, maxAnswers+1, maxAnswers+2)
		for i := range many {
			many[i] = part(m, netlink.Multi, CommandNewSurveyResults)
		}
		k.push(datagram{messages: append(many, done(m))})
	})
	if _, err := c.Surveys(limited(t), 7); err == nil {
		t.Error("an answer of any length is taken")
	}
}

func overrun() datagram {
	return datagram{err: os.NewSyscallError("recvmsg", syscall.ENOBUFS)}
}

// An overrun is an event at its place, once for each gap.
func TestOverrun(t *testing.T) {
	c, k := boot(t, nil)
	k.event(CommandAssocComeback, comeback(1))
	k.push(overrun())
	k.event(CommandAssocComeback, comeback(2))
	if got := nextComeback(t, c); got != 1 {
		t.Errorf("event %d, want 1", got)
	}
	e, err := c.Receive(limited(t))
	check(t, Event{Stamp: testStamp(), Body: Overrun{}}, e, err)
	if got := nextComeback(t, c); got != 2 {
		t.Errorf("event %d, want 2", got)
	}
}

// A request whose answer came in spite of an overrun is as good as any.
func TestOverrunBeforeAnswer(t *testing.T) {
	c, _ := boot(t, func(k *kernel, m netlink.Message) {
		k.push(overrun())
		k.push(overrun())
		k.acknowledge(m, 0)
	})
	if err := c.AbortScan(limited(t), 7); err != nil {
		t.Errorf("error %v", err)
	}
	e, err := c.Receive(limited(t))
	check(t, Event{Stamp: testStamp(), Body: Overrun{}}, e, err)
}

// An answer that was lost is an error, and not a hang.
func TestOverrunInsteadOfAnswer(t *testing.T) {
	c, _ := boot(t, func(k *kernel, _ netlink.Message) { k.push(overrun()) })
	if err := c.AbortScan(limited(t), 7); !errors.Is(err, ErrOverrun) {
		t.Errorf("error %v, want %v", err, ErrOverrun)
	}
}

// A dump with a gap in it is asked for again.
func TestOverrunInDump(t *testing.T) {
	c, _ := boot(t, func(k *kernel, m netlink.Message) {
		again := k.asked() > 1
		k.push(datagram{messages: []netlink.Message{part(m, netlink.Multi, CommandNewStation, address(6, apLink(1)))}})
		if !again {
			k.push(overrun())
		}
		k.push(datagram{messages: []netlink.Message{part(m, netlink.Multi, CommandNewStation, address(6, apLink(2))), done(m)}})
	})
	stations, err := c.Stations(limited(t), 7)
	if err != nil || len(stations) != 2 {
		t.Errorf("stations %v, error %v", stations, err)
	}
}

// What nobody receives is bounded; the gap is counted and stands where it is.
func TestQueueBounded(t *testing.T) {
	var q queue
	for i := range maxQueued + 10 {
		q.push(arrival{stamp: Stamp{Boot: time.Duration(i)}})
	}
	for i := range maxQueued {
		if a, ok := q.pop(); !ok || a.gap || a.stamp.Boot != time.Duration(i) {
			t.Fatalf("arrival %d is %v", i, a)
		}
	}
	q.push(arrival{stamp: Stamp{Boot: 1}})
	if a, ok := q.pop(); !ok || !a.gap || a.lost != 10 {
		t.Errorf("the gap is %v, %v", a, ok)
	}
	if a, ok := q.pop(); !ok || a.gap || a.stamp.Boot != 1 {
		t.Errorf("behind the gap is %v, %v", a, ok)
	}
	if _, ok := q.pop(); ok || q.octets != 0 {
		t.Errorf("the queue is not empty: %d octets", q.octets)
	}
}

func TestQueueOctets(t *testing.T) {
	var q queue
	large := message(CommandFrame, make([]byte, maxQueuedOctets/4))
	for range 6 {
		q.push(arrival{message: large})
	}
	q.push(arrival{gap: true})
	q.push(arrival{gap: true})
	var kinds []int
	for {
		a, ok := q.pop()
		if !ok {
			break
		}
		switch {
		case a.gap:
			kinds = append(kinds, a.lost)
		default:
			kinds = append(kinds, -1)
		}
	}
	if diff := cmp.Diff([]int{-1, -1, -1, -1, 2, 0}, kinds); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestClosed(t *testing.T) {
	c, k := boot(t, func(*kernel, netlink.Message) {})
	ended := make(chan error, 2)
	go func() {
		_, err := c.Receive(context.Background())
		ended <- err
	}()
	k.reading(t)
	go func() { ended <- c.AbortScan(context.Background(), 7) }()
	for k.asked() == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("error %v, want %v", err, net.ErrClosed)
		}
	}
}

func TestJoin(t *testing.T) {
	c, k := boot(t, nil)
	if err := c.Join(GroupMLME, GroupConfig); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]uint32{8, 5}, k.groups); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := c.Join(Groups()...); !errors.Is(err, ErrNoGroup) {
		t.Errorf("error %v, want %v", err, ErrNoGroup)
	}
}

// Lists that changed while the kernel gave them are asked for again, but not for
// ever.
func TestChangingLists(t *testing.T) {
	for _, tt := range []struct {
		name    string
		torn    int // lists that changed
		flag    bool
		want    error
		entries int
		asked   int
	}{
		{"steady", 0, false, nil, 3, 1},
		{"another generation once", 1, false, nil, 3, 2},
		{"flagged twice", 2, true, nil, 3, 3},
		{"always", 99, false, ErrChanging, 2, maxDumps},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lists := 0
			c, k := boot(t, func(k *kernel, m netlink.Message) {
				generation, flags := uint32(1), netlink.HeaderFlags(netlink.Multi)
				if lists < tt.torn {
					if tt.flag {
						flags |= netlink.DumpInterrupted
					} else {
						generation++
					}
				}
				lists++
				k.push(datagram{messages: []netlink.Message{
					part(m, netlink.Multi, CommandNewScanResults, num32(46, 1), list(47, address(1, apLink(0)))),
					part(m, flags, CommandNewScanResults, num32(46, generation), list(47, address(1, apLink(1)))),
					part(m, flags, CommandNewScanResults, num32(46, generation), list(47, address(1, apLink(0)))),
					done(m),
				}})
			})
			results, err := c.ScanResults(limited(t), 7)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if len(results) != tt.entries {
				t.Errorf("%d results, want %d", len(results), tt.entries)
			}
			if k.asked() != tt.asked {
				t.Errorf("asked %d times, want %d", k.asked(), tt.asked)
			}
		})
	}
}
