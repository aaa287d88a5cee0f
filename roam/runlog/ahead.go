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
	row   row   // of a cycle's line, where scanned is set
	// scanned says that the line is a cycle's as this version writes it.
	scanned bool
}

// check looks at the frame, and at what a cycle's line holds.
func (c *checked) check(table *crc32.Table) {
	if c.err != nil {
		return
	}
	c.frame, c.bad = openFrame(c.line, table)
	if c.bad == nil && c.frame.kind == TypeCycle {
		c.row, c.scanned = scanCycle(c.line, c.frame.rest)
	}
}

// block is a stretch of lines that are checked together.
type block struct {
	data  []byte
	lines []checked // in data
	done  chan struct{}
}

// blockSize is when a block is full, and mostWorkers how many are checked at the
// same time at most: behind that the disk is slower.
const (
	blockSize   = 128 << 10
	mostWorkers = 4
)

// readAhead reads lines, has them checked by several goroutines and gives them to
// step in their order, until that wants no more. What it hands over is valid
// during the call.
func readAhead(ctx context.Context, in io.Reader, step func(*checked) (more bool, err error)) error {
	workers := min(runtime.GOMAXPROCS(0), mostWorkers)
	blocks := 2*workers + 1
	work, order, free := make(chan *block, blocks), make(chan *block, blocks), make(chan *block, blocks)
	for range blocks {
		free <- &block{done: make(chan struct{}, 1)}
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() {
		defer close(order)
		defer close(work)
		divide(ctx, in, free, func(b *block) {
			work <- b // there is room for all
			order <- b
		})
	})
	for range workers {
		running.Go(func() {
			table := castagnoli()
			for b := range work {
				for i := range b.lines {
					b.lines[i].check(table)
				}
				b.done <- struct{}{}
			}
		})
	}
	for b := range order {
		<-b.done
		for i := range b.lines {
			if more, err := step(&b.lines[i]); err != nil || !more {
				return err
			}
		}
		free <- b
	}
	return ctx.Err()
}

// divide makes blocks of the input's lines.
func divide(ctx context.Context, in io.Reader, free <-chan *block, full func(*block)) {
	d := divider{in: in}
	for d.err == nil {
		select {
		case <-ctx.Done():
			return
		case b := <-free:
			d.fill(b)
			d.lines(b)
			full(b)
		}
	}
}

// divider reads lines into blocks without copying them, but for the one that a
// block ends in.
type divider struct {
	in   io.Reader
	tail []byte // of the block before, behind its last line
	// skipped is how much of a line was passed over that is too long.
	skipped int64
	err     error // of the input
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

// lines finds the lines of a block. What stands behind the last newline is of the
// next block, and at the end of the input has its error.
func (d *divider) lines(b *block) {
	b.lines = b.lines[:0]
	rest := b.data
	for {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		c := checked{line: rest[:end], bytes: d.skipped + int64(end) + 1}
		if c.bytes > MaxLine {
			c.line, c.err = nil, errTooLong
		}
		b.lines = append(b.lines, c)
		rest, d.skipped = rest[end+1:], 0
	}
	d.tail = append(d.tail[:0], rest...)
	if d.err != nil {
		b.lines = append(b.lines, checked{bytes: d.skipped + int64(len(rest)), err: d.err})
	}
}
