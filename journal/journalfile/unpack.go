package journalfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz/lzma"
)

const (
	// maxValue is how much of a field's value is used.
	maxValue = 64 << 10
	// maxPayload is how much of a payload is used: name, equals sign, value.
	maxPayload = maxValue + 64
	// maxPacked is how much of a packed payload is looked at. A block of ZSTD
	// unpacks to at most 128 KiB and a chunk of LZMA2 is packed into at most
	// 64 KiB, so this holds the begin of anything that packing made smaller.
	maxPacked = 192 << 10
	// wholeZSTD bounds the payloads that are unpacked in one go.
	wholeZSTD = 128 << 10
)

// errPacked: a payload is packed in a way that journals do not use.
var errPacked = errors.New("unknown packing")

// unpacker unpacks the begin of payloads. It is used by one goroutine.
type unpacker struct {
	out    []byte
	whole  *zstd.Decoder
	stream *zstd.Decoder
	frame  []byte
	src    bytes.Reader
}

func (u *unpacker) close() {
	if u.whole != nil {
		u.whole.Close()
	}
	if u.stream != nil {
		u.stream.Close()
	}
}

// unpacked is the begin of a payload, maxPayload at most, valid until the next
// one. size is how long the whole is, -1 where that is not known.
type unpacked struct {
	b    []byte
	size int64
}

// unpack unpacks the begin of a payload. What could be unpacked is returned beside
// an error.
func (u *unpacker) unpack(flags byte, packed []byte) (unpacked, error) {
	if u.out == nil {
		u.out = make([]byte, wholeZSTD)
	}
	var got unpacked
	var err error
	switch flags {
	case packedZSTD:
		got, err = u.zstd(packed)
	case packedLZ4:
		got, err = u.lz4(packed)
	case packedXZ:
		got, err = u.xz(packed)
	default:
		err = fmt.Errorf("%w %#x", errPacked, flags)
	}
	if got.size >= 0 && int64(len(got.b)) > got.size {
		// More than it said.
		got.b, err = got.b[:got.size], errPacked
	}
	return got, err
}

// zstd unpacks one frame (RFC 8878).
func (u *unpacker) zstd(packed []byte) (unpacked, error) {
	var h zstd.Header
	if err := h.Decode(packed); err != nil {
		return unpacked{}, err
	}
	if h.Skippable {
		return unpacked{}, errPacked
	}
	size := int64(-1)
	if h.HasFCS && h.FrameContentSize < 1<<62 {
		size = int64(h.FrameContentSize)
	}
	if size >= 0 && size <= wholeZSTD && h.DictionaryID == 0 {
		if u.whole == nil {
			d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
				zstd.WithDecoderMaxMemory(1<<20), zstd.WithDecodeAllCapLimit(true))
			if err != nil {
				return unpacked{}, err
			}
			u.whole = d
		}
		b, err := u.whole.DecodeAll(packed, u.out[:0:wholeZSTD])
		return unpacked{b[:min(len(b), maxPayload)], size}, err
	}
	return u.zstdBegin(packed, h.HeaderSize, size)
}

// zstdBegin unpacks the first blocks of a large frame. A frame says how far back
// its blocks reach, which may be all of its content; since only the begin is
// wanted, the blocks are given to the decoder under a header of our own that
// asks for a small window.
func (u *unpacker) zstdBegin(packed []byte, head int, size int64) (unpacked, error) {
	if u.stream == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(1<<20))
		if err != nil {
			return unpacked{}, err
		}
		u.stream = d
	}
	// Magic number, no optional field, a window of 2^(10+8) bytes.
	u.frame = append(u.frame[:0], 0x28, 0xb5, 0x2f, 0xfd, 0, 8<<3)
	u.frame = append(u.frame, packed[min(head, len(packed)):]...)
	u.src.Reset(u.frame)
	if err := u.stream.Reset(&u.src); err != nil {
		return unpacked{}, err
	}
	n, err := io.ReadFull(u.stream, u.out[:maxPayload])
	if n == maxPayload || errors.Is(err, io.ErrUnexpectedEOF) && int64(n) == size {
		err = nil
	}
	return unpacked{u.out[:n], size}, err
}

// lz4 unpacks a block behind its size in 64 bits (compress_blob_lz4 in systemd's
// compress.c).
func (u *unpacker) lz4(packed []byte) (unpacked, error) {
	if len(packed) <= 8 {
		return unpacked{}, io.ErrUnexpectedEOF
	}
	claim := le64(packed)
	if claim <= uint64(len(u.out)) {
		n, err := lz4.UncompressBlock(packed[8:], u.out[:claim])
		if err == nil {
			return unpacked{u.out[:min(n, maxPayload)], int64(claim)}, nil
		}
	}
	n, err := lz4Begin(u.out[:maxPayload], packed[8:])
	return unpacked{u.out[:n], int64(min(claim, 1<<62))}, err
}

// xz unpacks a stream that liblzma made in one call: a header of 12 bytes, then
// one block (The .xz File Format 1.2, clauses 2.1.1 and 3.1). The block's LZMA2 chunks
// are given to the decoder with a window of our own size: the begin
// of the data needs no larger one, whatever the block asks for.
func (u *unpacker) xz(packed []byte) (unpacked, error) {
	const streamHead, window = 12, 128 << 10
	if len(packed) < streamHead+8 || string(packed[:6]) != "\xfd7zXZ\x00" {
		return unpacked{}, errPacked
	}
	block := packed[streamHead:]
	size := 4 * (int(block[0]) + 1)
	if block[0] == 0 || len(block) < size {
		return unpacked{}, io.ErrUnexpectedEOF
	}
	i := 2
	for _, flag := range [...]byte{0x40, 0x80} {
		// Compressed and uncompressed size, of 7 bits a byte.
		if block[1]&flag == 0 {
			continue
		}
		for i < size && block[i]&0x80 != 0 {
			i++
		}
		i++
	}
	// One filter: LZMA2, with one byte of properties.
	if block[1]&0x03 != 0 || i+1 >= size || block[i] != 0x21 || block[i+1] != 1 {
		return unpacked{}, errPacked
	}
	u.src.Reset(block[size:])
	r, err := lzma.Reader2Config{DictCap: window}.NewReader2(&u.src)
	if err != nil {
		return unpacked{}, err
	}
	n, err := io.ReadFull(r, u.out[:maxPayload])
	whole := int64(-1)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		// The chunks ended, as they should, or the input did: the
		// checksum of the field tells them apart.
		err, whole = nil, int64(n)
	}
	return unpacked{u.out[:n], whole}, err
}
