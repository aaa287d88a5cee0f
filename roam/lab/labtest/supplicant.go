package labtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// supplicant is a stock wpa_supplicant at work on one interface.
type supplicant struct {
	cmd      *exec.Cmd
	dir      string
	log      func(Line) // is told what it prints
	events   *Trail[Line]
	requests *controlSocket
	monitor  *controlSocket
	reading  sync.WaitGroup
	ended    chan struct{}
	err      error // how it has ended
}

// supplicantLog is the longest line that is taken from it.
const supplicantLog = 64 << 10

// startSupplicant starts one with that configuration, whose control sockets are
// to be in dir. It runs in dir, which has to be new.
func startSupplicant(ctx context.Context, dir, iface, config string, arguments []string, log func(Line), events *Trail[Line]) (_ *supplicant, err error) {
	file := filepath.Join(dir, "wpa_supplicant.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	s := &supplicant{dir: dir, log: log, events: events, ended: make(chan struct{})}
	s.cmd = exec.Command("wpa_supplicant", append([]string{"-i", iface, "-c", file}, arguments...)...)
	// Ours, so that what the supplicant leaves behind does not keep us waiting.
	output, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s.cmd.Stdout, s.cmd.Stderr = theirs, theirs
	err = s.cmd.Start()
	theirs.Close()
	if err != nil {
		output.Close()
		return nil, fmt.Errorf("start wpa_supplicant: %w", err)
	}
	s.reading.Go(func() { s.follow(output) })
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-s.ended:
			cancel(errors.New("wpa_supplicant has ended"))
		case <-ctx.Done():
		}
	}()
	path := filepath.Join(dir, iface)
	if s.requests, err = dialControl(ctx, path, dir, "requests"); err != nil {
		return nil, err
	}
	if s.monitor, err = dialControl(ctx, path, dir, "monitor"); err != nil {
		return nil, err
	}
	if answer, err := s.monitor.request(ctx, "ATTACH"); err != nil || answer != "OK" {
		return nil, errors.Join(err, fmt.Errorf("ask wpa_supplicant for its events: %q", answer))
	}
	if err := s.monitor.conn.SetDeadline(time.Time{}); err != nil {
		return nil, err
	}
	s.reading.Go(s.listen)
	return s, nil
}

// follow keeps what it prints.
func (s *supplicant) follow(output io.ReadCloser) {
	defer output.Close()
	lines := bufio.NewReaderSize(output, supplicantLog)
	for {
		text, err := lines.ReadString('\n')
		if text != "" {
			s.log(Line{Time: time.Now(), Source: "wpa_supplicant", Level: 6, Text: strings.TrimRight(text, "\r\n")})
		}
		if err != nil {
			return
		}
	}
}

// listen keeps the events of its control interface, without the level before
// them.
func (s *supplicant) listen() {
	for {
		text, err := s.monitor.receive()
		if err != nil {
			return
		}
		if _, event, ok := strings.Cut(text, ">"); ok && strings.HasPrefix(text, "<") {
			s.events.add(Line{Time: time.Now(), Source: "wpa_supplicant", Level: 6, Text: event})
		}
	}
}

// supplicantEnd is how long it may take to leave its network and end.
const supplicantEnd = 5 * time.Second

// stop ends it, and says when it had ended by itself or would not.
func (s *supplicant) stop() error {
	var errs []error
	select {
	case <-s.ended:
		errs = append(errs, fmt.Errorf("wpa_supplicant ended by itself: %v", s.err))
	default:
		_ = s.cmd.Process.Signal(syscall.SIGTERM) // an error: it has just ended
		select {
		case <-s.ended:
		case <-time.After(supplicantEnd):
			errs = append(errs, errors.New("wpa_supplicant did not end and was killed"))
			_ = s.cmd.Process.Kill()
			<-s.ended
		}
	}
	for _, c := range []*controlSocket{s.requests, s.monitor} {
		if c != nil {
			errs = append(errs, c.close())
		}
	}
	s.reading.Wait()
	return errors.Join(errs...)
}

// kill ends it at once, as a crash does.
func (s *supplicant) kill() {
	_ = s.cmd.Process.Kill() // an error: it has just ended
	<-s.ended
	for _, c := range []*controlSocket{s.requests, s.monitor} {
		_ = c.close() // nobody is at the other end
	}
	s.reading.Wait()
}
