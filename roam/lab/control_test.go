package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// controlled is a lab with a control socket that is served until stop or the end
// of the test.
func controlled(t *testing.T) (server *Server, socket string, stop func()) {
	t.Helper()
	l, stopLab := running(t)
	socket = filepath.Join(t.TempDir(), "deep", "lab.sock")
	server, err := Listen(l, socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx) }()
	endServer := ending(t, "control socket", cancel, ended)
	stop = func() {
		endServer()
		stopLab()
	}
	t.Cleanup(stop)
	return server, socket, stop
}

func ask(t *testing.T, socket string, r Request) Answer {
	t.Helper()
	a, err := Ask(t.Context(), socket, r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAskStatus(t *testing.T) {
	_, socket, _ := controlled(t)
	got := ask(t, socket, Request{Do: "status"}).Status
	if got == nil {
		t.Fatal("no status")
	}
	if got.Schema != StatusSchema || got.Gateway != "192.0.2.1" || len(got.APs) != 2 {
		t.Errorf("status %+v", got)
	}
	plan, err := DefaultPlan()
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range got.APs {
		want := APStatus{Name: plan.APs[i].Name, SSID: DefaultSSID, MLD: plan.APs[i].MLD, Security: ap.SAE, Links: plan.APs[i].Links, Stations: []ap.Station{}, Rules: []ap.Made{}}
		if diff := cmp.Diff(want, a); diff != "" {
			t.Errorf("access point (-want +got):\n%s", diff)
		}
	}
}

// A fault is made at the access point that is named, or at all, and cleared
// again.
func TestAskFault(t *testing.T) {
	_, socket, _ := controlled(t)
	rules := func() map[string][]string {
		out := map[string][]string{}
		for _, a := range ask(t, socket, Request{Do: "status"}).Status.APs {
			for _, r := range a.Rules {
				out[a.Name] = append(out[a.Name], r.Fault)
			}
		}
		return out
	}
	ask(t, socket, Request{Do: "fault", AP: "ap2", Rule: &ap.Rule{Fault: "no-ack"}})
	ask(t, socket, Request{Do: "fault", Rule: &ap.Rule{Fault: "repeat", Frame: "data", Station: dot11.Addr{2, 1}, Count: 3}})
	if diff := cmp.Diff(map[string][]string{"ap1": {"repeat"}, "ap2": {"no-ack", "repeat"}}, rules()); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if a := ask(t, socket, Request{Do: "clear", Fault: "repeat"}); a.Cleared != 2 {
		t.Errorf("%d cleared", a.Cleared)
	}
	if a := ask(t, socket, Request{Do: "clear", AP: "ap1"}); a.Cleared != 0 {
		t.Errorf("%d cleared", a.Cleared)
	}
	if a := ask(t, socket, Request{Do: "clear"}); a.Cleared != 1 || len(rules()) != 0 {
		t.Errorf("%d cleared, rules %v", a.Cleared, rules())
	}
}

func TestAskWrong(t *testing.T) {
	_, socket, _ := controlled(t)
	tests := []struct {
		request Request
		want    string
	}{
		{Request{}, `"" is none of status`},
		{Request{Do: "dance"}, `"dance" is none of status`},
		{Request{Do: "status", AP: "ap3"}, `"ap3"`},
		{Request{Do: "fault"}, "needs a rule"},
		{Request{Do: "fault", Rule: &ap.Rule{Fault: "flood"}}, `access point ap1: fault "flood" is none of`},
		{Request{Do: "fault", AP: "ap2", Rule: &ap.Rule{Fault: "signal"}}, "access point ap2: fault signal: it needs a signal"},
		{Request{Do: "capture"}, "cannot capture"},
	}
	for _, tt := range tests {
		if _, err := Ask(t.Context(), socket, tt.request); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: error %v, want one with %q", tt.request, err, tt.want)
		}
	}
}

// What is no request is answered, and the connection goes on; a line without an
// end is not read for ever.
func TestLines(t *testing.T) {
	_, socket, _ := controlled(t)
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	answers := bufio.NewScanner(c)
	say := func(line string) Answer {
		t.Helper()
		if _, err := fmt.Fprintln(c, line); err != nil {
			t.Fatal(err)
		}
		if !answers.Scan() {
			t.Fatalf("no answer: %v", answers.Err())
		}
		var a Answer
		if err := json.Unmarshal(answers.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, line := range []string{"", "hello", "[]", `{"do":1}`, `{"what":"status"}`, `{"do":"fault","rule":{"link":300}}`} {
		if a := say(line); !strings.HasPrefix(a.Error, "request: ") {
			t.Errorf("%q: answer %+v", line, a)
		}
	}
	if a := say(`{"do":"status"}`); a.Error != "" || a.Status == nil {
		t.Errorf("answer %+v", a)
	}
	if a := say(strings.Repeat("x", maxRequest+1)); !strings.Contains(a.Error, fmt.Sprint(maxRequest)) {
		t.Errorf("answer %+v to a line that is too long", a)
	}
	if answers.Scan() {
		t.Errorf("the connection goes on: %s", answers.Bytes())
	}
}

// Who follows gets every event from then on, until it has enough or the lab
// ends.
func TestFollow(t *testing.T) {
	server, socket, stop := controlled(t)
	first := ap.Event{AP: "ap1", What: ap.Connected, Station: dot11.Addr{2, 1}, Link: 1, Time: time.Second, Detail: "links 0,1"}
	got := make(chan ap.Event, 16)
	done := make(chan error, 2)
	go func() {
		done <- Follow(t.Context(), socket, func(e ap.Event) bool {
			got <- e
			return e.What != ap.Left
		})
	}()
	go func() { done <- Follow(t.Context(), socket, func(ap.Event) bool { return true }) }()
	for following := 0; following < 2; {
		time.Sleep(time.Millisecond)
		server.mu.Lock()
		following = len(server.listeners)
		server.mu.Unlock()
	}
	last := ap.Event{AP: "ap1", What: ap.Left}
	server.Event(first)
	server.Event(last)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]ap.Event{first, last}, []ap.Event{<-got, <-got}); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	stop()
	if err := <-done; err == nil {
		t.Error("who follows a lab that ends is told nothing")
	}
}

// The end of the context is the end of following.
func TestFollowEnds(t *testing.T) {
	_, socket, _ := controlled(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := Follow(ctx, socket, func(ap.Event) bool { return true }); err != context.DeadlineExceeded {
		t.Errorf("error %v", err)
	}
}

// A listener that does not read misses events and holds nobody up.
func TestSlowListener(t *testing.T) {
	server, socket, _ := controlled(t)
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintln(c, `{"do":"events"}`)
	for following := 0; following < 1; {
		time.Sleep(time.Millisecond)
		server.mu.Lock()
		following = len(server.listeners)
		server.mu.Unlock()
	}
	e := ap.Event{AP: "ap1", What: ap.Ignored, Detail: strings.Repeat("x", 1000)}
	for range 20000 {
		server.Event(e)
	}
	ask(t, socket, Request{Do: "status"})
}

func TestSocket(t *testing.T) {
	_, socket, stop := controlled(t)
	info, err := os.Stat(socket)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode %o", got)
	}
	if _, err := Listen(nil, socket); err == nil || !strings.Contains(err.Error(), "runs already") {
		t.Errorf("a second lab: error %v", err)
	}
	ask(t, socket, Request{Do: "status"}) // the first one still answers
	stop()
	if _, err := Ask(t.Context(), socket, Request{Do: "status"}); err == nil || !strings.Contains(err.Error(), "is one running") {
		t.Errorf("nobody is there: error %v", err)
	}
}

// A socket that was left over is replaced; another file is not.
func TestStaleSocket(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lab.sock")
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	old.Close()
	l, _ := running(t)
	server, err := Listen(l, path)
	if err != nil {
		t.Fatal(err)
	}
	server.listener.Close()
	file := filepath.Join(dir, "precious")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(l, file); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("error %v", err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "text" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Listen(l, filepath.Join(file, "lab.sock")); err == nil {
		t.Error("a socket below a file")
	}
}
