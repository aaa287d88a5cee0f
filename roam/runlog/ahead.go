package runlog

import (
	"bufio"
	"context"
	"hash/crc32"
	"io"
	"runtime"
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
	ends  []int // of the lines in data
	lines []checked
	done  chan struct{}
}

// blockSize is when a block is full, and mostWorkers how many are checked at the
// same time at most: behind that the disk is slower.
const (
	blockSize   = 256 << 10
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
	lines := lineReader{in: bufio.NewReaderSize(in, readBuffer)}
	for end := false; !end; {
		var b *block
		select {
		case <-ctx.Done():
			return
		case b = <-free:
		}
		if b.data, b.lines, b.ends = b.data[:0], b.lines[:0], b.ends[:0]; cap(b.data) > 2*blockSize {
			b.data = nil // one long line is not kept for good
		}
		for len(b.data) < blockSize && !end {
			line, n, err := lines.next()
			b.data = append(b.data, line...)
			b.ends = append(b.ends, len(b.data))
			b.lines = append(b.lines, checked{bytes: n, err: err})
			end = err != nil && err != errTooLong
		}
		begin := 0
		for i, e := range b.ends {
			b.lines[i].line, begin = b.data[begin:e], e
		}
		full(b)
	}
}
