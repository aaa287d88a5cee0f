package pstore

import (
	"strconv"
	"strings"
	"time"
)

// kind is what a file of pstore holds.
type kind uint8

const (
	other      kind = iota // pmsg, ftrace, mce and what is not pstore's
	dump                   // a piece of a dump of the kernel's log
	console                // what the console had shown
	compressed             // either, which the kernel could not unpack
	whole                  // a dump that systemd-pstore put together
)

// name is what a file's name tells: "dmesg-efi-167651845516001",
// "dmesg-ramoops-0", "console-ramoops-0" (pstore_mkfile in fs/pstore/inode.c).
type name struct {
	kind    kind
	backend string
	id      uint64
	at      time.Time // zero where the name has none
	piece   int       // the number of its part, 0 where the name has none
}

// parseName reads a file's name.
func parseName(s string) name {
	if s == "dmesg.txt" {
		return name{kind: whole}
	}
	var n name
	s, packed := strings.CutSuffix(s, ".enc.z")
	rest := ""
	for _, k := range []struct {
		prefix string
		kind   kind
	}{{"dmesg-", dump}, {"console-", console}} {
		if r, ok := strings.CutPrefix(s, k.prefix); ok {
			n.kind, rest = k.kind, r
		}
	}
	i := strings.LastIndexByte(rest, '-')
	if i <= 0 {
		return name{}
	}
	id, err := strconv.ParseUint(rest[i+1:], 10, 64)
	if err != nil {
		return name{}
	}
	n.backend, n.id = rest[:i], id
	if packed {
		n.kind = compressed
	}
	if n.kind == dump && strings.HasPrefix(n.backend, "efi") {
		// generic_id in drivers/firmware/efi/efi-pstore.c: (seconds * 100 +
		// part) * 1000 + count.
		if sec := id / 100_000; sec > 0 && sec < 1<<34 {
			n.at, n.piece = time.Unix(int64(sec), 0).UTC(), int(id/1000%100)
		}
	}
	return n
}

// header is the first line of a piece, "Oops#1 Part3" (pstore_dump in
// fs/pstore/platform.c).
type header struct {
	reason string
	count  int
	part   int
}

// maxHeader bounds the line.
const maxHeader = 64

// parseHeader reads the first line of a piece.
func parseHeader(line string) (h header, ok bool) {
	reason, rest, ok1 := strings.Cut(strings.TrimSuffix(line, "\n"), "#")
	count, part, ok2 := strings.Cut(rest, " Part")
	c, err1 := strconv.ParseUint(count, 10, 31)
	p, err2 := strconv.ParseUint(part, 10, 31)
	if !ok1 || !ok2 || err1 != nil || err2 != nil || reason == "" || strings.ContainsAny(reason, "[]<>:") {
		return header{}, false
	}
	return header{reason, int(c), int(p)}, true
}
