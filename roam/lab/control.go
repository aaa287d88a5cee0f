package lab

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// SocketPath is where a lab is told what to do, where nothing else is said.
const SocketPath = "/run/roamfault/lab.sock"

// Request is one line of JSON on the control socket.
type Request struct {
	// Do is what is asked: "status", "fault", "clear", "events" or "capture".
	Do string `json:"do"`
	// AP is the name of the access point it is about; empty: all.
	AP string `json:"ap,omitempty"`
	// Rule is the fault to make, with "fault".
	Rule *ap.Rule `json:"rule,omitempty"`
	// Fault is the name of the fault to end, with "clear"; empty: all.
	Fault string `json:"fault,omitempty"`
}

// Answer is the line of JSON that a request gets. "events" gets one for each
// event until the connection is closed; after that of "capture" comes a pcapng
// file until this side of the connection is closed.
type Answer struct {
	// Error is what was wrong with the request; empty: nothing.
	Error string `json:"error,omitempty"`
	// Cleared is how many rules were ended.
	Cleared int `json:"cleared,omitempty"`
	// Status answers "status".
	Status *Status `json:"status,omitempty"`
	// Event is one of those asked for.
	Event *ap.Event `json:"event,omitempty"`
}

// Status is what a lab is and does.
type Status struct {
	Schema  string        `json:"schema"` // "roamfault/lab-status/v1"
	Up      time.Duration `json:"up_ns"`
	Gateway string        `json:"gateway"`
	APs     []APStatus    `json:"aps"`
	Radios  int           `json:"radios"`
}

// StatusSchema names the document that Status is.
const StatusSchema = "roamfault/lab-status/v1"

// APStatus is an access point at work.
type APStatus struct {
	Name     string       `json:"name"`
	SSID     string       `json:"ssid"`
	MLD      dot11.Addr   `json:"mld,omitzero"`
	Security ap.Security  `json:"security"`
	Links    []ap.Link    `json:"links"`
	Stations []ap.Station `json:"stations"`
	Rules    []ap.Made    `json:"rules"`
}

// status collects what a lab is and does now.
func (l *Lab) status(now time.Duration, n *Network) *Status {
	s := &Status{Schema: StatusSchema, Up: now, Gateway: n.Gateway().IP().String(), Radios: len(l.radios)}
	for _, a := range n.APs() {
		config := a.Config()
		s.APs = append(s.APs, APStatus{
			Name: config.Name, SSID: config.SSID, MLD: a.MLD(), Security: config.Security,
			Links: a.Links(), Stations: a.Stations(), Rules: a.Rules(),
		})
	}
	return s
}

// Answer does what a request asks for.
func (l *Lab) Answer(ctx context.Context, r Request) Answer {
	var answer Answer
	var failed error
	err := l.Do(ctx, func(now time.Duration, n *Network) {
		targets := n.APs()
		if r.AP != "" {
			one, err := n.AP(r.AP)
			if err != nil {
				failed = err
				return
			}
			targets = []*ap.AP{one}
		}
		switch r.Do {
		case "status":
			answer.Status = l.status(now, n)
		case "fault":
			failed = makeFault(now, targets, r.Rule)
		case "clear":
			for _, a := range targets {
				answer.Cleared += a.Clear(r.Fault)
			}
		default:
			failed = fmt.Errorf("request %q is none of status, fault, clear, events, capture", r.Do)
		}
	})
	if err := errors.Join(err, failed); err != nil {
		answer.Error = err.Error()
	}
	return answer
}

// makeFault gives a rule to access points: to all or, where one cannot do it,
// to those before it.
func makeFault(now time.Duration, targets []*ap.AP, r *ap.Rule) error {
	if r == nil {
		return errors.New("a fault needs a rule")
	}
	for _, a := range targets {
		if err := a.Make(now, *r); err != nil {
			return fmt.Errorf("access point %s: %w", a.Config().Name, err)
		}
	}
	return nil
}

// Server answers requests on a Unix socket.
type Server struct {
	lab      *Lab
	listener net.Listener
	path     string

	startCapture func(io.Writer) (stop func() error, err error)

	mu        sync.Mutex
	listeners map[chan ap.Event]bool
}

// Listen opens the control socket, which only its owner can use. A socket that
// nobody listens on is replaced; one that answers is an error.
func Listen(l *Lab, path string, options ...ServerOption) (*Server, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		c.Close()
		return nil, fmt.Errorf("open the control socket %s: a lab runs already; end it, or give this one another socket with --socket", path)
	}
	if err := removeStale(path); err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		listener.Close()
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	s := &Server{lab: l, listener: listener, path: path, listeners: map[chan ap.Event]bool{}}
	for _, option := range options {
		option(s)
	}
	return s, nil
}

// removeStale removes a socket that nobody listens on, and nothing else.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != os.ModeSocket:
		return fmt.Errorf("%s is there and is no socket", path)
	}
	return os.Remove(path)
}

// Serve answers until ctx ends.
func (s *Server) Serve(ctx context.Context) error {
	ended := ctx.Err
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(ctx, func() { s.listener.Close() })
	defer stop()
	var calls sync.WaitGroup
	defer calls.Wait()
	defer cancel()
	for {
		c, err := s.listener.Accept()
		if err != nil {
			if ended() != nil {
				return nil
			}
			return fmt.Errorf("control socket %s: %w", s.path, err)
		}
		calls.Go(func() { s.call(ctx, c) })
	}
}

// Event passes an event on to those who listen. One that is too slow misses
// some.
func (s *Server) Event(e ap.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for listener := range s.listeners {
		select {
		case listener <- e:
		default:
		}
	}
}

// maxRequest bounds a line of the control socket, in octets.
const maxRequest = 64 << 10

// call answers the requests of one connection.
func (s *Server) call(ctx context.Context, c net.Conn) {
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	lines := bufio.NewScanner(c)
	lines.Buffer(nil, maxRequest)
	out := json.NewEncoder(c)
	for lines.Scan() {
		var r Request
		answer := Answer{}
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.DisallowUnknownFields()
		switch err := decoder.Decode(&r); {
		case err != nil:
			answer.Error = fmt.Sprintf("request: %v", err)
		case r.Do == "events":
			s.stream(ctx, c, out)
			return
		case r.Do == "capture":
			_ = s.capture(ctx, c, out) // the other side is gone: there is nobody to tell
			return
		default:
			answer = s.lab.Answer(ctx, r)
		}
		if out.Encode(answer) != nil {
			return
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		_ = out.Encode(Answer{Error: fmt.Sprintf("request: a line has at most %d octets", maxRequest)})
	}
}

// stream writes events until the other side closes.
func (s *Server) stream(ctx context.Context, c net.Conn, out *json.Encoder) {
	events := make(chan ap.Event, 1024)
	s.mu.Lock()
	s.listeners[events] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.listeners, events)
		s.mu.Unlock()
	}()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		io.Copy(io.Discard, c)
	}()
	for {
		select {
		case e := <-events:
			if out.Encode(Answer{Event: &e}) != nil {
				return
			}
		case <-gone:
			return
		case <-ctx.Done():
			return
		}
	}
}

// Ask sends a request to the lab behind a control socket.
func Ask(ctx context.Context, path string, r Request) (Answer, error) {
	var answer Answer
	err := converse(ctx, path, r, func(a Answer) bool {
		answer = a
		return false
	})
	if err == nil && answer.Error != "" {
		err = errors.New(answer.Error)
	}
	return answer, err
}

// Follow calls each for every event of the lab behind a control socket until it
// returns false or ctx ends. Its error wraps ErrClosed when the lab ends.
func Follow(ctx context.Context, path string, each func(ap.Event) bool) error {
	return converse(ctx, path, Request{Do: "events"}, func(a Answer) bool { return a.Event == nil || each(*a.Event) })
}

func converse(ctx context.Context, path string, r Request, each func(Answer) bool) error {
	c, err := dial(ctx, path)
	if err != nil {
		return err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	if err := json.NewEncoder(c).Encode(r); err != nil {
		return fmt.Errorf("ask the lab: %w", err)
	}
	answers := json.NewDecoder(c)
	for {
		var a Answer
		if err := answers.Decode(&a); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if errors.Is(err, io.EOF) {
				err = ErrClosed
			}
			return fmt.Errorf("ask the lab: %w", err)
		}
		if !each(a) {
			return nil
		}
	}
}

// dial opens a connection to a control socket.
func dial(ctx context.Context, path string) (*net.UnixConn, error) {
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("reach the lab: %w; is one running (roamfault lab up)?", err)
	}
	return c.(*net.UnixConn), nil
}
