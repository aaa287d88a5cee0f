package compare

import _ "embed"

// Schema is the JSON Schema (draft 2020-12) of the JSON document.
//
//go:embed comparison-v1.schema.json
var Schema []byte
