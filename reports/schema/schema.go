// Package schema holds the JSON Schemas of the documents that roamfault
// writes, for programs that read them.
package schema

import _ "embed"

// AnalysisID is the value of "schema" in a document of an analysis.
const AnalysisID = "roamfault/analysis/v1"

// Analysis is the JSON Schema (draft 2020-12) of an analysis as one object.
// Its $defs/line describes a line of the same analysis as JSON Lines.
//
//go:embed analysis-v1.schema.json
var Analysis []byte
