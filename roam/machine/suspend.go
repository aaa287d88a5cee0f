package machine

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	memSleepFile = "sys/power/mem_sleep"
	stateFile    = "sys/power/state"
	statsDir     = "sys/power/suspend_stats"
	clockDir     = "sys/class/rtc"
)

// Bounds of a suspend: a clock's alarm has whole seconds, and the machine must
// get to sleep before it rings.
const (
	leastSleep = 2 * time.Second
	mostSleep  = time.Hour
)

// Sleep is what came of a suspend.
type Sleep struct {
	// Slept is how long the machine slept.
	Slept time.Duration
	// Failed says that the kernel counts it as a failure, and FailedDevice,
	// FailedStep and Errno the last one it knows of (sysfs suspend_stats).
	Failed                   bool
	FailedDevice, FailedStep string
	Errno                    int
}

// alarms matches seconds since 1970; 0: none.
var alarms = regexp.MustCompile(`^[0-9]{1,12}$`)

func alarmTime(v string) bool { return alarms.MatchString(v) }

// clock is the file of a real-time clock that can wake the machine.
func (m *Machine) clock() (string, error) {
	names := m.names(clockDir)
	slices.Sort(names)
	for _, name := range names {
		if file := path.Join(clockDir, name, "wakealarm"); m.has(file) {
			return file, nil
		}
	}
	return "", errors.New("no real-time clock of this machine can wake it (/sys/class/rtc/rtc*/wakealarm)")
}

func getAlarm(ctx context.Context, m *Machine, _ Card) (string, error) {
	file, err := m.clock()
	if err != nil {
		return "", err
	}
	text, err := m.read(ctx, file)
	if err == nil && text == "" {
		return "0", nil
	}
	return text, err
}

// setAlarm sets the alarm anew: the kernel refuses another one while one is set
// (drivers/rtc/sysfs.c, wakealarm_store).
func setAlarm(ctx context.Context, m *Machine, _ Card, value string) error {
	file, err := m.clock()
	if err != nil {
		return err
	}
	if err := m.write(ctx, file, "0"); err != nil || value == "0" {
		return err
	}
	return m.write(ctx, file, value)
}

// CanSuspend reports why the machine cannot be suspended to a depth ("s2idle",
// "deep") and woken by its clock. An alarm that somebody else has set is not
// taken away.
func (m *Machine) CanSuspend(ctx context.Context, depth string) error {
	alarm, err := getAlarm(ctx, m, Card{})
	if err != nil {
		return err
	}
	if alarm != "0" {
		return fmt.Errorf("the clock's alarm is set already, to %s: not touched", alarm)
	}
	file, err := m.clock()
	if err != nil {
		return err
	}
	if err := m.writable(file); err != nil {
		return err
	}
	states, err := m.read(ctx, stateFile)
	if err != nil {
		return err
	}
	if !slices.Contains(strings.Fields(states), "mem") {
		return fmt.Errorf("the kernel cannot suspend to memory, only to %q", states)
	}
	depths, err := m.read(ctx, memSleepFile)
	if err != nil {
		return err
	}
	if !slices.Contains(strings.Fields(strings.NewReplacer("[", "", "]", "").Replace(depths)), depth) {
		return fmt.Errorf("the kernel has no %q, only %q", depth, depths)
	}
	return m.writable(stateFile)
}

// Suspend suspends the machine to a depth ("s2idle", "deep") and has its clock
// wake it after d, 2 s to 1 h. It comes back after the resume, or with the
// kernel's error where something refuses to sleep; what is known of the failure
// is returned, too.
func (m *Machine) Suspend(ctx context.Context, log *Log, depth string, d time.Duration) (Sleep, error) {
	if d < leastSleep || d > mostSleep {
		return Sleep{}, fmt.Errorf("suspend for %v: it must be %v to %v", d, leastSleep, mostSleep)
	}
	failed := func(err error) (Sleep, error) { return Sleep{}, fmt.Errorf("suspend to %s: %w", depth, err) }
	if m.Clock == nil {
		return failed(errors.New("there is no clock to tell how long it was"))
	}
	if err := m.CanSuspend(ctx, depth); err != nil {
		return failed(err)
	}
	mem, err := m.Knob(MemSleep, Card{})
	if err != nil {
		return failed(err)
	}
	if err := mem.Turn(ctx, log, depth); err != nil {
		return failed(err)
	}
	alarm, err := m.Knob(WakeAlarm, Card{})
	if err != nil {
		return failed(err)
	}
	if err := alarm.Keep(ctx, log); err != nil {
		return failed(err)
	}
	slept, err := m.sleep(ctx, d)
	if err != nil {
		return slept, fmt.Errorf("suspend to %s: %w", depth, err)
	}
	return slept, nil
}

// sleep sets the alarm, sleeps, and takes the alarm away if it was something
// else that woke the machine.
func (m *Machine) sleep(ctx context.Context, d time.Duration) (s Sleep, err error) {
	file, err := m.clock()
	if err != nil {
		return s, err
	}
	failures := m.failures()
	begin := m.Clock()
	if err := m.write(ctx, file, "+"+strconv.Itoa(int(d/time.Second))); err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, m.write(ctx, file, "0")) }()
	refused := m.write(ctx, stateFile, "mem")
	end := m.Clock()
	s.Slept = (end.Boot - begin.Boot) - (end.Monotonic - begin.Monotonic)
	if s.Failed = refused != nil || m.failures() > failures; s.Failed {
		s.FailedDevice, s.FailedStep = m.or(statsDir+"/last_failed_dev", ""), m.or(statsDir+"/last_failed_step", "")
		s.Errno, _ = strconv.Atoi(m.or(statsDir+"/last_failed_errno", "0")) // a number from the kernel, or none
	}
	return s, refused
}

func (m *Machine) failures() int {
	n, err := strconv.Atoi(m.or(statsDir+"/fail", "0"))
	if err != nil {
		return 0
	}
	return n
}
