package runlog

import (
	_ "embed"
	"slices"
)

//go:embed run-v1.schema.json
var schemaJSON []byte

// SchemaJSON returns the JSON Schema (draft 2020-12) of a line of a run file.
func SchemaJSON() []byte { return slices.Clone(schemaJSON) }
