package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// Config says what to run and how to keep it running.
type Config struct {
	// Programs are tried in turn: the next one takes over, from the last
	// record read on, where one is missing or keeps dying.
	Programs []Program
	// After is the cursor behind which reading begins, empty for the begin.
	After string
	// Follow goes on behind the last record until the context ends.
	Follow bool
	// Every says that the programs give every entry of the journal, so that a
	// number missing in the cursors is an entry that was passed over: they
	// are asked again from the last record on.
	Every bool
	// Attempts is how often in a row a program may die without having given
	// a record or lived for Settled; 0 for 5.
	Attempts int
	// Backoff is the pause before the second such attempt, doubled with each
	// up to 5 s; 0 for 200 ms.
	Backoff time.Duration
	// Settled is the time after which a program counts as running, 0 for
	// 10 s.
	Settled time.Duration
	// Notify, when set, is told what happened meanwhile. It is called within
	// the reading.
	Notify func(Notice)
}

const (
	defaultAttempts = 5
	defaultBackoff  = 200 * time.Millisecond
	defaultSettled  = 10 * time.Second
	maxBackoff      = 5 * time.Second
)

// padding goes behind the records at hand when no more are: blank lines, which
// are no records, so that a reader that looks ahead by half a kilobyte gets to
// see the last record's end.
const padding = 512

// stream is the records of a life and of those that follow it, as one export
// stream without seam.
type stream struct {
	ctx  context.Context
	cfg  Config
	next int // the program to start when there is no life
	life *life
	err  error // the end of the stream

	frame   framer
	gaps    gaps
	recent  recent
	missing uint64 // how many entries the program passed over
	ready   []byte // whole records to hand out
	at      int    // how much of ready was
	padded  bool   // the last bytes handed out were padding
	cursor  string // of the last record taken
	any     bool   // a record was taken
	idle    int    // lives in a row without a new record
	backoff time.Duration
	reason  error // the words of the program at hand that explain its end

	damages []string // what programs could not read
}

func newStream(ctx context.Context, cfg Config) *stream {
	if cfg.Attempts <= 0 {
		cfg.Attempts = defaultAttempts
	}
	if cfg.Backoff <= 0 {
		cfg.Backoff = defaultBackoff
	}
	if cfg.Settled <= 0 {
		cfg.Settled = defaultSettled
	}
	s := &stream{ctx: ctx, cfg: cfg, cursor: cfg.After, padded: true, backoff: cfg.Backoff, recent: newRecent()}
	s.frame.whole = s.take
	s.gaps.found([]byte(s.cursor))
	return s
}

// take takes a whole record of the program, unless it is the one that reading
// begins behind, or one that was taken before.
func (s *stream) take(cursor, rec []byte) {
	switch {
	case s.missing > 0:
		return // of a life that is over
	case len(cursor) == 0:
	case !s.life.given && string(cursor) == s.cursor, s.recent.has(cursor):
		return
	case s.cfg.Every:
		if s.missing = s.gaps.found(cursor); s.missing > 0 {
			return
		}
	}
	s.life.given, s.any = true, true
	s.cursor = string(cursor)
	if len(cursor) > 0 {
		s.recent.add(cursor)
	}
	s.ready = append(s.ready, rec...)
}

// Read gives whole records, one behind the other.
func (s *stream) Read(p []byte) (int, error) {
	for {
		if s.at < len(s.ready) {
			n := copy(p, s.ready[s.at:])
			s.at += n
			s.padded = false
			return n, nil
		}
		s.ready, s.at = s.ready[:0], 0
		if s.err != nil {
			return 0, s.err
		}
		if s.err = s.ctx.Err(); s.err != nil {
			continue
		}
		if s.life == nil {
			s.err = s.begin()
			continue
		}
		b, ok, waiting := s.chunk()
		switch {
		case (waiting || !ok) && !s.padded:
			// The records at hand go first, whatever comes next.
			s.padded = true
			n := min(len(p), padding)
			for i := range n {
				p[i] = '\n'
			}
			return n, nil
		case !ok:
			s.err = s.ended()
		case b != nil:
			s.frame.feed(b)
			s.life.giveBack(b)
			if s.missing > 0 {
				s.readAgain()
			}
		}
	}
}

// chunk takes what the program wrote next, and waits for it once all before is
// handed out. Waiting says that there was nothing yet, !ok that nothing will come.
func (s *stream) chunk() (b []byte, ok, waiting bool) {
	select {
	case b, ok = <-s.life.chunks:
		return b, ok, false
	default:
	}
	if !s.padded {
		return nil, true, true
	}
	select {
	case b, ok = <-s.life.chunks:
		return b, ok, false
	case <-s.life.words.arrived:
		s.listen(s.life, false)
	case <-s.ctx.Done():
	}
	return nil, true, true
}

// begin starts the program whose turn it is.
func (s *stream) begin() error {
	if s.next >= len(s.cfg.Programs) {
		return errors.New("no program to read the journal with")
	}
	p := &s.cfg.Programs[s.next]
	cmd, err := p.Command(s.cursor)
	if err == nil {
		s.life, err = start(cmd, s.cfg.Settled)
	}
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) && !errors.Is(err, ErrMissing) {
			err = fmt.Errorf("%w: %w", ErrMissing, err)
		}
		return s.fallBack(err)
	}
	s.reason = nil
	return nil
}

// readAgain has the program begin anew behind the record taken last.
func (s *stream) readAgain() {
	s.notify(fmt.Errorf("%d records were passed over", s.missing), "reading again behind the last record read")
	s.close()
	s.frame.reset()
	s.missing = 0
}

// ended decides what follows the end of a program.
func (s *stream) ended() error {
	l, p := s.life, &s.cfg.Programs[s.next]
	s.life = nil
	partial := s.frame.partial()
	s.frame.reset()
	err := l.end()
	s.listen(l, true)
	if err == nil && !s.cfg.Follow && !partial {
		return io.EOF
	}
	var exit *exec.ExitError
	final := p.Final != 0 && errors.As(err, &exit) && exit.ExitCode() == p.Final && !s.any
	switch said := l.words.said(); {
	case s.reason != nil:
		err, final = s.reason, !s.any
	case err == nil:
		err = errors.New("ended without being asked to")
	case said != "":
		err = fmt.Errorf("died (%w): %s", err, said)
	default:
		err = fmt.Errorf("died (%w)", err)
	}
	if final {
		return s.fallBack(err)
	}
	if l.given || l.settled.Load() {
		s.idle, s.backoff = 0, s.cfg.Backoff
		s.notify(err, "started again behind the last record read")
		return nil
	}
	if s.idle++; s.idle >= s.cfg.Attempts {
		return s.fallBack(fmt.Errorf("%w, %d times without a record between: %w", ErrDying, s.idle, err))
	}
	s.notify(err, fmt.Sprintf("starting it again in %v", s.backoff))
	pause := time.NewTimer(s.backoff)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-s.ctx.Done():
	}
	s.backoff = min(2*s.backoff, maxBackoff)
	return nil
}

// fallBack goes on with the next program; without one the error stands.
func (s *stream) fallBack(err error) error {
	p := s.cfg.Programs[s.next]
	if s.next+1 >= len(s.cfg.Programs) {
		return &Error{p.Name, err}
	}
	s.notify(err, "going on with "+s.cfg.Programs[s.next+1].Name)
	s.next++
	s.idle, s.backoff = 0, s.cfg.Backoff
	return nil
}

// listen looks at what a program said.
func (s *stream) listen(l *life, last bool) {
	judge := s.cfg.Programs[s.next].Judge
	for _, line := range l.words.take(last) {
		if judge == nil {
			continue
		}
		switch j := judge(line); j.Kind {
		case Hint:
			s.notify(j.Err, "")
		case Damage:
			// Each life says it anew.
			if s.damage(line) {
				s.notify(j.Err, "")
			}
		case Fatal:
			s.reason = j.Err
		}
	}
}

// maxDamages bounds the damages that are told apart.
const maxDamages = 256

// damage counts a damage once, and reports whether it was new.
func (s *stream) damage(line string) bool {
	for _, d := range s.damages {
		if d == line {
			return false
		}
	}
	if len(s.damages) >= maxDamages {
		return false
	}
	s.damages = append(s.damages, strings.Clone(line))
	return true
}

func (s *stream) notify(err error, next string) {
	if s.cfg.Notify != nil {
		s.cfg.Notify(Notice{Program: s.cfg.Programs[s.next].Name, Cursor: s.cursor, Err: err, Next: next})
	}
}

// close ends the program at hand.
func (s *stream) close() {
	if s.life != nil {
		s.life.stop()
		s.life = nil
	}
}

// name is the program at hand.
func (s *stream) name() string {
	if s.next < len(s.cfg.Programs) {
		return s.cfg.Programs[s.next].Name
	}
	return ""
}
