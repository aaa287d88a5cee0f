// Package journalfile reads the binary files of systemd's journal, without
// libsystemd and on any operating system: both layouts (regular and compact),
// both hashes, data packed with ZSTD, LZ4 or XZ, sealed files, files that are
// still written to or were never closed, and whole directories of them, merged
// into one order.
//
// The facts of the format come from systemd's description of it
// (https://systemd.io/JOURNAL_FILE_FORMAT) and from the structures in its
// src/libsystemd/sd-journal/journal-def.h; the order of entries of several
// files from sd-journal.c, journal_file_compare_locations of version 252; how
// payloads are packed from compress.c.
//
// # How it reads
//
// A journal stores each distinct field value once, with a list of the entries
// that have it. With [Options.Wanted] set each distinct message is therefore
// looked at once, in one pass over the file, and only entries of wanted messages
// are read. That pass believes nothing: where the file is not wholly sound, all of
// its entries are read one by one instead, and where even the list of
// entries is broken, they are searched for.
//
// # Hostile files
//
// Nothing is mapped into memory, so a file that shrinks while it is read costs an
// error, never a signal. Offsets only ever go forward and objects never overlap,
// so nothing loops and time is linear in the size of the file. Memory is
// bounded by pages (16 MiB), remembered fields (24 MiB), chosen entries (16 MiB),
// lists of wanted messages (6 MiB) and a buffer a worker (under 1 MiB), about
// 1 KiB for each open file aside. Packed data is unpacked as far as it is used, and
// of one file never more than 64 times its size and 64 MiB.
package journalfile
