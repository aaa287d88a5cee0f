package guest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"roamfault/roam/lab/guest/wire"
)

// A Guest is a machine that runs.
type Guest struct {
	session *session
	machine *machine
	image   *Image
	options Options
	boot    BootTimes
	hello   wire.Hello
	done    chan struct{}
	greeted atomic.Bool // before, only the boot's time is limited

	mu     sync.Mutex
	asked  bool // Close or Kill was called
	hung   bool
	reason *EndError
	close  sync.Once
}

// BootTimes are when things were so; the first three are by the guest's clock,
// since its boot.
type BootTimes struct {
	Init    time.Duration // the init began
	Modules time.Duration // the modules were loaded
	Ready   time.Duration // commands may come
	// Host is from the call of Boot until then, by the host's clock.
	Host time.Duration
}

// machine is the process that is the guest.
type machine struct {
	port            io.ReadWriteCloser
	console, stderr *console
	kill            func()
	done            chan struct{} // closed at the process's end
	status          func() string // how it ended; good after done
}

// Reasons why a guest has ended.
const (
	EndAsked  = "closed"               // by Close or Kill
	EndPanic  = "kernel panic"         // the guest's kernel gave up
	EndHung   = "hung"                 // it gave no sign of life and was killed
	EndInit   = "init failed"          // the guest's init could not go on
	EndOff    = "powered off"          // something in the guest switched it off
	EndQEMU   = "emulator failed"      // QEMU ended by itself
	EndBroken = "connection is broken" // what the guest said made no sense
)

// An EndError says why there is no guest any more.
type EndError struct {
	Reason  string // one of those above
	Detail  string // in the words of who knows
	Console string // the last lines of the guest's console
	// Emulator is what QEMU complained of.
	Emulator string
}

// Error is one line; Console has the story.
func (e *EndError) Error() string {
	if e.Detail == "" {
		return "the guest has ended: " + e.Reason
	}
	return "the guest has ended: " + e.Reason + ": " + e.Detail
}

// consoleLines is how many lines of the console an EndError carries.
const consoleLines = 60

// Boot starts a guest and returns when commands may be run. The context is for
// the boot alone: a guest lives until Close, Kill or its own end, and not longer
// than this process.
func Boot(ctx context.Context, image *Image, o Options) (*Guest, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("boot a guest: %w", err)
	}
	if o.Accel == AccelAuto {
		g, err := bootKVM(ctx, image, o)
		if err == nil || ctx.Err() != nil {
			return g, err
		}
		if o.Progress != nil {
			o.Progress(Progress{Step: "without KVM: " + err.Error()})
		}
		o.Accel = AccelTCG
	}
	return boot(ctx, image, o)
}

// kvmTimeout is how long a guest under KVM may take to boot where TCG may serve
// instead: a second is usual.
const kvmTimeout = 10 * time.Second

func bootKVM(ctx context.Context, image *Image, o Options) (*Guest, error) {
	f, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	o.Accel = AccelKVM
	o.BootTimeout = min(o.BootTimeout, kvmTimeout)
	return boot(ctx, image, o)
}

func boot(ctx context.Context, image *Image, o Options) (*Guest, error) {
	began := time.Now()
	if o.Progress != nil {
		o.Progress(Progress{Step: "booting " + image.Release})
	}
	m, err := launch(image, o)
	if err != nil {
		return nil, fmt.Errorf("boot a guest: %w", err)
	}
	g := attach(m, image, o)
	bootCtx, cancel := context.WithTimeout(ctx, o.BootTimeout)
	defer cancel()
	if err := g.greet(bootCtx); err != nil {
		g.Kill()
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			err = &EndError{Reason: EndHung, Detail: fmt.Sprintf("not ready after %v", o.BootTimeout),
				Console: lastLines(m.console.String(), consoleLines), Emulator: m.stderr.String()}
		}
		return nil, fmt.Errorf("boot a guest: %w", err)
	}
	g.greeted.Store(true)
	g.boot.Host = time.Since(began)
	return g, nil
}

// attach makes a guest of a machine and begins to listen to it.
func attach(m *machine, image *Image, o Options) *Guest {
	g := &Guest{session: newSession(m.port), machine: m, image: image, options: o, done: make(chan struct{})}
	g.session.heard = time.Now()
	go g.session.read(m.port, time.Now)
	go g.supervise()
	return g
}

// greet hears the guest out and gives it the time.
func (g *Guest) greet(ctx context.Context) error {
	select {
	case g.hello = <-g.session.hello:
	case <-g.done:
		return g.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
	if g.hello.Protocol != wire.Protocol {
		return fmt.Errorf("the guest's init speaks version %d, not %d: it is of another build", g.hello.Protocol, wire.Protocol)
	}
	if err := g.session.conn.SendMessage(wire.KindClock, 0, wire.Clock{UnixNano: time.Now().UnixNano()}); err != nil {
		return g.because("set the clock", err)
	}
	select {
	case ready := <-g.session.ready:
		if ready.Error != "" {
			return fmt.Errorf("the guest: %s", ready.Error)
		}
		g.boot = BootTimes{Init: g.hello.Init, Modules: g.hello.Loaded, Ready: ready.At}
		return nil
	case <-g.done:
		return g.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// goodbye is how long a machine may take to end once it has said its last.
const goodbye = 5 * time.Second

// supervise asks whether the guest lives, and finds out why once it does not.
func (g *Guest) supervise() {
	every := max(g.options.Silence/8, 10*time.Millisecond)
	tick := time.NewTicker(every)
	defer tick.Stop()
	ping := make(chan struct{}, 1)
	defer close(ping)
	go func() {
		// Apart from the loop: a guest that takes nothing blocks the sender.
		for range ping {
			_ = g.session.conn.Send(wire.KindPing, 0, nil)
		}
	}()
loop:
	for {
		select {
		case <-g.machine.done:
			break loop
		case <-g.session.ended:
			select {
			case <-g.machine.done:
			case <-time.After(goodbye):
				g.machine.kill()
			}
			break loop
		case <-tick.C:
			if g.greeted.Load() && g.session.silence(time.Now()) > g.options.Silence {
				g.mu.Lock()
				g.hung = true
				g.mu.Unlock()
				g.machine.kill()
				break loop
			}
			select {
			case ping <- struct{}{}:
			default:
			}
		}
	}
	<-g.machine.done
	select {
	case <-g.session.ended: // all it said is read
	case <-time.After(goodbye):
	}
	g.machine.port.Close()
	<-g.session.ended
	g.mu.Lock()
	g.reason = g.why()
	g.mu.Unlock()
	close(g.done)
}

// why looks for what ended the guest, the surest signs first.
func (g *Guest) why() *EndError {
	text, complaint := g.machine.console.String(), g.machine.stderr.String()
	e := &EndError{Console: lastLines(text, consoleLines), Emulator: complaint}
	g.session.mu.Lock()
	bye, broken := g.session.bye, errors.Is(g.session.err, wire.ErrBadFrame)
	broken = broken || errors.Is(g.session.err, wire.ErrOverrun)
	streamError := g.session.err
	g.session.mu.Unlock()
	switch status := g.machine.status(); {
	case panicOf(text) != "":
		e.Reason, e.Detail = EndPanic, panicOf(text)
	case g.asked || bye:
		e.Reason = EndAsked
	case g.hung:
		e.Reason, e.Detail = EndHung, fmt.Sprintf("no sign of life for %v", g.options.Silence)
	case initError(text) != "":
		e.Reason, e.Detail = EndInit, initError(text)
	case broken:
		e.Reason, e.Detail = EndBroken, streamError.Error()
	case status != "":
		e.Reason, e.Detail = EndQEMU, status
		if last := lastLines(complaint, 1); last != "" {
			e.Detail += ": " + last
		}
	default:
		e.Reason = EndOff
	}
	return e
}

// because says what could not be done, with the reason the guest has ended for
// where it has.
func (g *Guest) because(what string, err error) error {
	if errors.Is(err, errEnded) {
		<-g.done // the stream has ended, so this comes soon
		err = g.Err()
	}
	return fmt.Errorf("%s in the guest: %w", what, err)
}

// Done is closed when the guest has ended.
func (g *Guest) Done() <-chan struct{} { return g.done }

// Err is nil while the guest lives, then an *EndError.
func (g *Guest) Err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reason == nil {
		return nil
	}
	return g.reason
}

// Release is the guest's kernel as uname -r has it.
func (g *Guest) Release() string { return g.hello.Kernel }

// Modules are the kernel modules that were loaded at boot, in order.
func (g *Guest) Modules() []string { return append([]string(nil), g.hello.Modules...) }

// Missing says what of the set-up did not work without being needed.
func (g *Guest) Missing() []string { return append([]string(nil), g.hello.Missing...) }

// BootTimes says how long the boot took.
func (g *Guest) BootTimes() BootTimes { return g.boot }

// Image is what the guest was booted from.
func (g *Guest) Image() *Image { return g.image }

// Accel is the accelerator that runs the guest.
func (g *Guest) Accel() string { return g.options.Accel }

// Console is what the guest's console shows so far: of a healthy one, little.
func (g *Guest) Console() string { return g.machine.console.String() }

// KernelLog is the guest's kernel log, while it lives and after.
func (g *Guest) KernelLog() *KernelLog { return g.session.kernel }

// Close ends the guest: what runs in it is killed, disks are written back, the
// power is switched off. Where that does not work it is killed. A guest that has
// ended is no error.
func (g *Guest) Close() error {
	g.close.Do(func() {
		select {
		case <-g.done:
			return
		default:
		}
		g.mark()
		// Sending could wait for a guest that takes nothing.
		go func() { _ = g.session.conn.Send(wire.KindPowerOff, 0, nil) }()
		select {
		case <-g.done:
		case <-time.After(goodbye):
			g.machine.kill()
		}
	})
	<-g.done
	return nil
}

// Kill ends the guest as if its power failed: nothing is written back that the
// guest has not.
func (g *Guest) Kill() {
	g.mark()
	g.machine.kill()
	<-g.done
}

func (g *Guest) mark() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = true
}
