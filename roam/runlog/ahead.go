package runlog

import (
	"bytes"
	"context"
	"hash/crc32"
	"io"
	"runtime"
	"slices"
	"sync"
)

// checked is a line on its way into a reader, with all that can be found out of
// it alone.
type checked struct {
	line  []byte
	bytes int64 // with its newline
	err   error // of the input; io.EOF is of what stands behind the last line
	frame frame
	bad   error // why the frame is not whole
	row   row   // of a cycle's line, where scanned is set, else anything
	// scanned says that the line is a cycle's as this version writes it.
	scanned bool
}

// check looks at the frame, and at what a cycle's line holds.
func (c *checked) check(table *crc32.Table) {
	c.scanned = false
	if c.err != nil {
		return
	}
	c.frame, c.bad = openFrame(c.line, table)
	if c.bad == nil && c.frame.kind == TypeCycle {
		c.scanned = scanCycle(c.line, c.frame.rest, &c.row)
	}
}

// block is a stretch of an input that is checked by one goroutine.
type block struct {
	data    []byte // lines, whole ones only
	skipped int64  // how much of the first one was passed over
	torn    int64  // how long what stands behind the input's last line is
	err     error  // of the input, behind these lines; nil: it goes on
	lines   []checked
	rest    []byte // of data, behind lines
	done    chan struct{}
}

// blockSize is when a block is full, mostWorkers how many are checked at the same
// time at most, for behind that the disk is slower, and mostLines of how many
// lines: a block of short ones is checked by who takes it, in no more memory.
const (
	blockSize   = 128 << 10
	mostWorkers = 4
	mostLines   = blockSize / 128
)

// readAhead reads lines, has them checked by several goroutines and gives them to
// step in their order, until that wants no more. What it hands over is valid
// during the call.
func readAhead(ctx context.Context, in io.Reader, step func(*checked) (more bool, err error)) error {
	workers := min(runtime.GOMAXPROCS(0), mostWorkers)
	blocks := 2*workers + 1
	order, free := make(chan *block, blocks), make(chan *block, blocks)
	for range blocks {
		free <- &block{done: make(chan struct{}, 1)}
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	d := divider{in: in, order: order}
	for range workers {
		running.Go(func() { d.work(ctx, free) })
	}
	table := castagnoli()
	for {
		select {
		case <-ctx.Done(): // the workers have gone, and no block may be left
			return ctx.Err()
		case b, more := <-order:
			if !more {
				return ctx.Err()
			}
			<-b.done
			if more, err := b.each(table, step); err != nil || !more {
				return err
			}
			free <- b
		}
	}
}

// check finds the lines of a block and looks at them.
func (b *block) check(table *crc32.Table) {
	b.lines, b.rest = b.lines[:0], b.data
	for len(b.rest) > 0 && len(b.lines) < mostLines {
		b.lines = slices.Grow(b.lines, 1)[:len(b.lines)+1]
		b.next(&b.lines[len(b.lines)-1], table)
	}
}

// next takes the next line of the rest.
func (b *block) next(c *checked, table *crc32.Table) {
	end := bytes.IndexByte(b.rest, '\n')
	c.line, c.bytes, c.err = b.rest[:end], b.skipped+int64(end)+1, nil
	if c.bytes > MaxLine {
		c.line, c.err = nil, errTooLong
	}
	b.rest, b.skipped = b.rest[end+1:], 0
	c.check(table)
}

// each gives the lines of a block to step.
func (b *block) each(table *crc32.Table, step func(*checked) (more bool, err error)) (more bool, err error) {
	for i := range b.lines {
		if more, err := step(&b.lines[i]); err != nil || !more {
			return false, err
		}
	}
	var c checked
	for len(b.rest) > 0 {
		b.next(&c, table)
		if more, err := step(&c); err != nil || !more {
			return false, err
		}
	}
	if b.err == nil {
		return true, nil
	}
	return step(&checked{bytes: b.torn, err: b.err})
}

// divider makes blocks of an input's lines without copying them, but for the one
// that a block ends in.
type divider struct {
	in    io.Reader
	order chan<- *block // with room for all; closed at the input's end

	mu   sync.Mutex // guards in and what follows
	tail []byte     // of the block before, behind its last line
	// skipped is how much of a line was passed over that is too long.
	skipped int64
	err     error // of the input
}

// work makes blocks and checks them until the input ends. One goroutine does both,
// so that a block is read into the cache of who checks it.
func (d *divider) work(ctx context.Context, free <-chan *block) {
	table := castagnoli()
	for {
		select {
		case <-ctx.Done():
			return
		case b := <-free:
			if !d.next(b) {
				return
			}
			b.check(table)
			b.done <- struct{}{}
		}
	}
}

// next reads the next block and puts it in its place, unless the input has ended.
func (d *divider) next(b *block) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return false
	}
	d.fill(b)
	d.cut(b)
	d.order <- b
	if d.err != nil {
		close(d.order)
	}
	return true
}

// fill reads until a block is full and holds the end of a line.
func (d *divider) fill(b *block) {
	if cap(b.data) > 2*blockSize {
		b.data = nil // one long line is not kept for good
	}
	b.data = append(b.data[:0], d.tail...)
	ended, idle := false, 0
	for d.err == nil && !(ended && len(b.data) >= blockSize) {
		b.data = slices.Grow(b.data, blockSize/4)
		at := len(b.data)
		var n int
		n, d.err = d.in.Read(b.data[at:cap(b.data)])
		b.data = b.data[:at+n]
		if idle++; n > 0 {
			idle = 0
		} else if idle > mostIdle && d.err == nil {
			d.err = io.ErrNoProgress
		}
		ended = ended || bytes.IndexByte(b.data[at:], '\n') >= 0
		if !ended && len(b.data) > MaxLine {
			d.skipped += int64(len(b.data))
			b.data = b.data[:0]
		}
	}
}

// mostIdle is how often an input may give nothing, and no error.
const mostIdle = 100

// cut leaves a block its whole lines. What stands behind the last newline is of the
// next block, and at the end of the input has its error.
func (d *divider) cut(b *block) {
	end := bytes.LastIndexByte(b.data, '\n') + 1
	d.tail = append(d.tail[:0], b.data[end:]...)
	b.data, b.skipped, b.err = b.data[:end], d.skipped, d.err
	if end > 0 {
		d.skipped = 0
	}
	b.torn = d.skipped + int64(len(d.tail))
}
