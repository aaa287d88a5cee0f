package journal

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

const (
	// maxZstdWindow is the window of zstd --ultra -22 and --long; a frame
	// that asks for more is not read.
	maxZstdWindow = 128 << 20
	// maxXZDict is the dictionary of xz -9; a block that asks for more is
	// not read.
	maxXZDict = 64 << 20
)

// input is an opened input: plain bytes, UTF-8 as far as its encoding was known.
type input struct {
	r           io.Reader
	closer      func()
	compression string
	encoding    string
	below       *guarded // the compressed data
	skips       *skipList
}

// guarded remembers the error of a reader, so that damage of what it carries
// can be told from its own.
type guarded struct {
	r   io.Reader
	err error
}

func (g *guarded) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if err != nil && err != io.EOF {
		g.err = err
	}
	return n, err
}

// compressions are told by their first bytes.
func compressions() []compression {
	return []compression{
		{"gzip", "\x1f\x8b", func(r io.Reader) (io.Reader, func(), error) {
			z, err := gzip.NewReader(r)
			return z, nil, err
		}},
		{"zstd", "\x28\xb5\x2f\xfd", func(r io.Reader) (io.Reader, func(), error) {
			z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxZstdWindow))
			if err != nil {
				return nil, nil, err
			}
			return z, z.Close, nil
		}},
		{"xz", "\xfd7zXZ\x00", func(r io.Reader) (io.Reader, func(), error) {
			z, err := xz.ReaderConfig{DictCap: 4096}.NewReader(&xzGuard{r: r})
			return z, nil, err
		}},
		{"bzip2", "BZh", func(r io.Reader) (io.Reader, func(), error) {
			return bzip2.NewReader(r), nil, nil
		}},
	}
}

type compression struct {
	name  string
	magic string
	open  func(io.Reader) (io.Reader, func(), error)
}

// matches tells whether the first bytes of an input are of this kind. For
// bzip2 the three letters alone could be text.
func (c compression) matches(head []byte) bool {
	if !hasPrefix(head, c.magic) {
		return false
	}
	return c.name != "bzip2" || len(head) >= 10 && head[3] >= '1' && head[3] <= '9' &&
		(string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17\x72\x45\x38\x50\x90")
}

// FileSignature begins a binary journal file (struct Header in systemd's
// journal-def.h).
const FileSignature = "LPKSHHRH"

// open finds out how an input is packed and unpacks it.
func open(r io.Reader, skips *skipList) (*input, error) {
	in := &input{closer: func() {}, skips: skips, below: &guarded{r: r}}
	br := bufio.NewReaderSize(in.below, 64<<10)
	in.r = br
	head, _ := br.Peek(16)
	if hasPrefix(head, FileSignature) {
		return nil, ErrJournalFile
	}
	for _, c := range compressions() {
		if !c.matches(head) {
			continue
		}
		in.compression = c.name
		z, closer, err := c.open(br)
		if err != nil {
			z = failed{err}
		}
		if closer != nil {
			in.closer = closer
		}
		br = bufio.NewReaderSize(&unpacked{in: in, r: z}, 64<<10)
		in.r = br
		head, _ = br.Peek(16)
		if hasPrefix(head, FileSignature) {
			in.close()
			return nil, ErrJournalFile
		}
		break
	}
	switch {
	case hasPrefix(head, "\xef\xbb\xbf"):
		_, _ = br.Discard(3)
	case hasPrefix(head, "\xff\xfe"):
		_, _ = br.Discard(2)
		in.encoding = "UTF-16LE"
		in.r = &utf16Reader{r: br, skips: skips}
	case hasPrefix(head, "\xfe\xff"):
		_, _ = br.Discard(2)
		in.encoding = "UTF-16BE"
		in.r = &utf16Reader{r: br, skips: skips, big: true}
	}
	return in, nil
}

func (in *input) Read(p []byte) (int, error) { return in.r.Read(p) }

func (in *input) close() { in.closer() }

// failed is a decompressor that could not start.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// unpacked ends at damage of the compressed data, after what could be read.
type unpacked struct {
	in   *input
	r    io.Reader
	done bool
	line int
}

func (u *unpacked) Read(p []byte) (int, error) {
	if u.done {
		return 0, io.EOF
	}
	n, err := u.r.Read(p)
	u.line += bytes.Count(p[:n], []byte{'\n'})
	if err == nil {
		return n, nil
	}
	u.done = true
	if err == io.EOF {
		return n, io.EOF
	}
	if u.in.below.err != nil {
		return n, u.in.below.err
	}
	reason := skipTruncated
	if errors.Is(err, errXZDict) || errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		reason = skipWindow
	}
	u.in.skips.add(reason, u.line+1)
	return n, io.EOF
}
