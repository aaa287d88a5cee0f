package runlog

// The versions of run files. Of every version the frame of a line is the same,
// and the first line has "schema" and "id".
const (
	schemaName = "roamfault/run/v"
	version    = 1
)

// migration brings the lines of one version up to the next.
type migration struct {
	from int
	// line returns a line's type and text as the next version has them. Only the
	// entry matters: the frame was checked before.
	line func(kind EntryType, line []byte) (EntryType, []byte, error)
}

// migrations are from all older versions that are read, in order. There is none
// older than the first.
func migrations() []migration { return nil }

func canMigrate(table []migration, from int) bool {
	for _, m := range table {
		if m.from == from {
			return true
		}
	}
	return false
}
