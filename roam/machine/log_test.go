package machine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// disk is a file of an undo log whose machine can lose its power at any step.
type disk struct {
	synced  []byte // what stays
	written []byte // what may be lost
	// left is how many steps there are until the power is lost; negative: never.
	left int
	// torn is how much of what was not synced stays, in percent.
	torn   int
	locked bool
}

var errPower = errors.New("the power is gone")

func (d *disk) step() error {
	if d.left == 0 {
		return errPower
	}
	d.left--
	return nil
}

// boot is the machine after the loss of power.
func (d *disk) boot() *disk {
	stays := len(d.synced)
	if rest := len(d.written) - stays; rest > 0 {
		stays += rest * d.torn / 100
	}
	b := slices.Clone(d.written[:min(stays, len(d.written))])
	return &disk{synced: b, written: slices.Clone(b), left: -1}
}

func (d *disk) Open(string) (File, error) {
	if d.locked {
		return nil, ErrLocked
	}
	d.locked = true
	return &diskFile{disk: d, from: bytes.NewReader(slices.Clone(d.written))}, nil
}

type diskFile struct {
	*disk
	from *bytes.Reader
}

func (f *diskFile) Read(b []byte) (int, error) { return f.from.Read(b) }
func (f *diskFile) Close() error               { f.locked = false; return nil }

func (f *diskFile) Write(b []byte) (int, error) {
	if err := f.step(); err != nil {
		f.written = append(f.written, b[:len(b)/2]...)
		return len(b) / 2, err
	}
	f.written = append(f.written, b...)
	return len(b), nil
}

func (f *diskFile) Truncate(size int64) error {
	if err := f.step(); err != nil {
		return err
	}
	f.written = f.written[:size]
	f.synced = f.synced[:min(int(size), len(f.synced))]
	return nil
}

func (f *diskFile) Sync() error {
	if err := f.step(); err != nil {
		return err
	}
	f.synced = f.written[:len(f.written):len(f.written)]
	return nil
}

// values is a machine made of values by name, that takes its steps too.
type values struct {
	disk *disk
	now  map[string]string
}

func (v *values) set(name, value string) func(context.Context) error {
	return func(context.Context) error {
		if err := v.disk.step(); err != nil {
			return err
		}
		v.now[name] = value
		return nil
	}
}

func (v *values) table() map[string]Undo {
	return map[string]Undo{"value": func(ctx context.Context, c Change) error {
		return v.set(c.Args["name"], c.Before)(ctx)
	}}
}

func (v *values) change(name string) Change {
	return Change{Kind: "value", Args: map[string]string{"name": name}, Before: v.now[name], What: "set " + name}
}

func here() Host { return Host{Boot: "b1", Machine: "m1"} }

func asFound() map[string]string { return map[string]string{"a": "0", "b": "0", "c": "0"} }

// run changes values, some of them twice, and undoes them.
func (v *values) run(t *testing.T) error {
	l, err := Open("undo", v.disk, here())
	if err != nil {
		return err
	}
	for i, name := range []string{"a", "b", "a", "c", "b"} {
		if err := l.Do(t.Context(), v.change(name), v.set(name, fmt.Sprint(i+1))); err != nil {
			return err
		}
	}
	if err := l.Undo(t.Context(), v.table()); err != nil {
		return err
	}
	return l.Close()
}

// The power may be lost at each step: after a restore everything is as it was
// before the run, however much of the last write came to the disk.
func TestLogCrash(t *testing.T) {
	for torn := 0; torn <= 100; torn += 50 {
		for steps := 0; ; steps++ {
			v := &values{disk: &disk{left: steps, torn: torn}, now: asFound()}
			if v.run(t) == nil {
				if steps < 20 {
					t.Fatalf("a run has %d steps only", steps)
				}
				break
			}
			v.disk = v.disk.boot()
			l, err := Open("undo", v.disk, here())
			if err != nil {
				t.Fatalf("step %d: %v", steps, err)
			}
			if err := l.Undo(t.Context(), v.table()); err != nil {
				t.Fatalf("step %d: %v", steps, err)
			}
			if d := cmp.Diff(asFound(), v.now); d != "" {
				t.Errorf("power lost at step %d, %d %% of the last write stayed: not as it was (-before +after):\n%s", steps, torn, d)
			}
			if len(l.Pending()) > 0 || l.Damaged() > 0 {
				t.Errorf("step %d: pending %v, damaged %d", steps, l.Pending(), l.Damaged())
			}
		}
	}
}

// The power may be lost in the restore, too, as often as it likes.
func TestLogCrashInRestore(t *testing.T) {
	for steps := range 30 {
		v := &values{disk: &disk{left: 14, torn: 50}, now: asFound()}
		if v.run(t) == nil {
			t.Fatal("the run was to be cut off")
		}
		for {
			v.disk = v.disk.boot()
			v.disk.left = steps
			l, err := Open("undo", v.disk, here())
			if err == nil && l.Undo(t.Context(), v.table()) == nil {
				break
			}
			steps++
		}
		if d := cmp.Diff(asFound(), v.now); d != "" {
			t.Errorf("not as it was (-before +after):\n%s", d)
		}
	}
}

// Without a log no change is made.
func TestLogRefusesWithoutDisk(t *testing.T) {
	v := &values{disk: &disk{left: -1}, now: asFound()}
	l, err := Open("undo", v.disk, here())
	if err != nil {
		t.Fatal(err)
	}
	v.disk.left = 1 // it can be written, and not synced
	if err := l.Do(t.Context(), v.change("a"), v.set("a", "1")); !errors.Is(err, errPower) {
		t.Errorf("error %v", err)
	}
	if v.now["a"] != "0" {
		t.Error("it was changed all the same")
	}
	v.disk.left = -1
	if err := l.Do(t.Context(), v.change("b"), v.set("b", "1")); err == nil || v.now["b"] != "0" {
		t.Error("after a failed sync the log was written on")
	}
}

func TestLogReboot(t *testing.T) {
	v := &values{disk: &disk{left: -1}, now: asFound()}
	l, err := Open("undo", v.disk, here())
	if err != nil {
		t.Fatal(err)
	}
	lasting := v.change("b")
	lasting.Outlives = true
	for _, c := range []Change{v.change("a"), lasting} {
		if err := l.Do(t.Context(), c, v.set(c.Args["name"], "1")); err != nil {
			t.Fatal(err)
		}
	}
	v.disk = v.disk.boot()
	later := Host{Boot: "b2", Machine: "m1"}
	if l, err = Open("undo", v.disk, later); err != nil {
		t.Fatal(err)
	}
	if err := l.Undo(t.Context(), v.table()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]string{"a": "1", "b": "0", "c": "0"}, v.now); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if !strings.Contains(string(v.disk.synced), "a reboot has undone it") {
		t.Errorf("the log does not say why:\n%s", v.disk.synced)
	}
}

func TestLogOtherMachine(t *testing.T) {
	v := &values{disk: &disk{left: -1}, now: asFound()}
	l, err := Open("undo", v.disk, here())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Do(t.Context(), v.change("a"), v.set("a", "1")); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open("undo", v.disk, Host{Boot: "b1", Machine: "m2"}); !errors.Is(err, ErrOtherMachine) {
		t.Errorf("error %v", err)
	}
	if v.disk.locked {
		t.Error("the file was left open")
	}
}

// What fails does not keep the rest from being undone, and is tried again when
// something else has been.
func TestLogUndoGoesOn(t *testing.T) {
	v := &values{disk: &disk{left: -1}, now: asFound()}
	l, err := Open("undo", v.disk, here())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b", "c"} {
		if err := l.Do(t.Context(), v.change(name), v.set(name, "1")); err != nil {
			t.Fatal(err)
		}
	}
	unknown := Change{Kind: "strange", What: "something strange"}
	if err := l.Do(t.Context(), unknown, func(context.Context) error { return nil }); err != nil {
		t.Fatal(err)
	}
	var order []string
	table := map[string]Undo{"value": func(ctx context.Context, c Change) error {
		order = append(order, c.Args["name"])
		if c.Args["name"] == "c" && v.now["a"] != "0" {
			return errors.New("it needs a")
		}
		return v.table()["value"](ctx, c)
	}}
	err = l.Undo(t.Context(), table)
	if err == nil || !strings.Contains(err.Error(), "something strange") || strings.Contains(err.Error(), "needs") {
		t.Errorf("error %v", err)
	}
	if d := cmp.Diff(asFound(), v.now); d != "" {
		t.Errorf("not as it was:\n%s", d)
	}
	if d := cmp.Diff([]string{"c", "b", "a", "c"}, order); d != "" {
		t.Errorf("order (-want +got):\n%s", d)
	}
	if got := l.Pending(); len(got) != 1 || got[0].Kind != "strange" {
		t.Errorf("pending %v", got)
	}
}

// A thing that hangs does not keep the others from being undone.
func TestLogUndoHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &values{disk: &disk{left: -1}, now: asFound()}
		l, err := Open("undo", v.disk, here())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a", "b", "c"} {
			if err := l.Do(t.Context(), v.change(name), v.set(name, "1")); err != nil {
				t.Fatal(err)
			}
		}
		err = l.Undo(t.Context(), map[string]Undo{"value": func(ctx context.Context, c Change) error {
			if c.Args["name"] == "b" {
				<-ctx.Done()
				return context.Cause(ctx)
			}
			return v.table()["value"](ctx, c)
		}})
		if !errors.Is(err, errUndoWait) {
			t.Errorf("error %v", err)
		}
		if d := cmp.Diff(map[string]string{"a": "0", "b": "1", "c": "0"}, v.now); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

// A line in the middle that cannot be read is counted; the others count.
func TestLogDamage(t *testing.T) {
	v := &values{disk: &disk{left: -1}, now: asFound()}
	l, err := Open("undo", v.disk, here())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b", "c"} {
		if err := l.Do(t.Context(), v.change(name), v.set(name, "1")); err != nil {
			t.Fatal(err)
		}
	}
	v.disk = v.disk.boot()
	at := bytes.Index(v.disk.written, []byte(`"name":"b"`))
	v.disk.written[at+8] = 'x'
	if l, err = Open("undo", v.disk, here()); err != nil {
		t.Fatal(err)
	}
	if l.Damaged() != 1 || len(l.Pending()) != 2 {
		t.Errorf("damaged %d, pending %v", l.Damaged(), l.Pending())
	}
}

// Cycles without end leave a file of bounded size.
func TestLogStaysSmall(t *testing.T) {
	v := &values{disk: &disk{left: -1}, now: asFound()}
	l, err := Open("undo", v.disk, here())
	if err != nil {
		t.Fatal(err)
	}
	before := 0
	for range 100 {
		for range 10 {
			if err := l.Do(t.Context(), v.change("a"), v.set("a", "1")); err != nil {
				t.Fatal(err)
			}
		}
		if before == 0 {
			before = len(v.disk.written)
		}
	}
	if got := len(v.disk.written); got != before {
		t.Errorf("it grew from %d to %d octets while nothing new was changed", before, got)
	}
	long := strings.Repeat("x", 10_000)
	for range 3 * mostLog / len(long) {
		if err := l.Undo(t.Context(), v.table()); err != nil {
			t.Fatal(err)
		}
		c := v.change("a")
		c.What = long
		if err := l.Do(t.Context(), c, v.set("a", "1")); err != nil {
			t.Fatal(err)
		}
		if len(v.disk.written) > mostLog {
			t.Fatalf("%d octets", len(v.disk.written))
		}
	}
}

func TestDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "undo")
	l, err := Open(path, Disk{}, here())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Disk{}, here()); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: error %v", err)
	}
	v := &values{disk: &disk{left: -1}, now: asFound()}
	if err := l.Do(t.Context(), v.change("a"), v.set("a", "1")); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"sum":"0123`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = Open(path, Disk{}, here()); err != nil {
		t.Fatal(err)
	}
	if err := l.Undo(t.Context(), v.table()); err != nil {
		t.Fatal(err)
	}
	if v.now["a"] != "0" {
		t.Error("it is not as it was")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if c := decodeLog(b); len(c.pending) > 0 || c.damaged > 0 || c.whole != len(b) {
		t.Errorf("the file is not whole: %+v\n%s", c, b)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.Symlink(path, path+"2"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path+"2", Disk{}, here()); err == nil {
		t.Error("a link was followed")
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Disk{}, here()); err == nil {
		t.Error("a file that others may write was believed")
	}
}

func FuzzDecodeLog(f *testing.F) {
	for _, e := range []entry{
		{Schema: schema, Machine: "m1"},
		{Number: 1, Boot: "b1", Change: &Change{Kind: "value", Args: map[string]string{"name": "<a>\n"}, What: "ü"}},
		{Done: 1, Why: "undone"},
	} {
		line, err := e.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
		f.Add(append(line, line[:len(line)/2]...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := decodeLog(b)
		if c.whole > len(b) || c.whole > 0 && b[c.whole-1] != '\n' {
			t.Errorf("whole up to %d of %d", c.whole, len(b))
		}
		for _, e := range c.pending {
			line, err := e.encode()
			if err != nil {
				continue // longer than what there may be
			}
			if again := decodeLog(line); len(again.pending) != 1 || !again.pending[0].Change.same(e.Change) {
				t.Errorf("%q reads otherwise when written again", line)
			}
		}
	})
}
