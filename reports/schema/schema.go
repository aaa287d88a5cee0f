// Package schema holds the JSON Schemas (draft 2020-12) of the documents that
// roamfault writes, for programs that read them.
package schema

import _ "embed"

// The values of "schema" in the documents.
const (
	AnalysisID      = "roamfault/analysis/v1"         // analyze --format json and jsonl
	BootsID         = "roamfault/boots/v1"            // analyze --boot all --format json
	ExplanationID   = "roamfault/explanation/v1"      // explain --format json
	DoctorID        = "roamfault/doctor/v1"           // doctor --format json
	WatchID         = "roamfault/watch/v1"            // an incident of a spool, and what --exec gets
	CheckpointID    = "roamfault/watch-checkpoint/v1" // checkpoint.json of a spool
	WatchBootsID    = "roamfault/watch-boots/v1"      // boots.json of a spool
	RunID           = "roamfault/run/v1"              // run.jsonl of a run
	RunSummaryID    = "roamfault/run-summary/v1"      // stress and runs show --format json
	SceneID         = "roamfault/stress-scene/v1"     // stress --dry-run --format json
	RunsListID      = "roamfault/runs-list/v1"        // runs list --format json
	ComparisonID    = "roamfault/comparison/v1"       // compare --format json
	BaselinesID     = "roamfault/baselines/v1"        // runs baseline list --format json, and what is kept
	BaselineWatchID = "roamfault/baseline-watch/v1"   // runs baseline watch status --format json
	BisectID        = "roamfault/bisect/v1"           // runs bisect status --format json, and what is kept
)

// Analysis is the schema of an analysis as one object. Its $defs/line describes
// a line of the same analysis as JSON Lines.
//
//go:embed analysis-v1.schema.json
var Analysis []byte

// Boots is the schema of what is counted by boot.
//
//go:embed boots-v1.schema.json
var Boots []byte

// Explanation is the schema of what is known about a code or a line.
//
//go:embed explanation-v1.schema.json
var Explanation []byte

// Doctor is the schema of what a machine can do.
//
//go:embed doctor-v1.schema.json
var Doctor []byte

// Watch is the schema of an incident of a spool. Its $defs/line describes a line
// that watch prints as JSON Lines.
//
//go:embed watch-v1.schema.json
var Watch []byte

// Checkpoint is the schema of the place in the log that a spool keeps.
//
//go:embed watch-checkpoint-v1.schema.json
var Checkpoint []byte

// WatchBoots is the schema of what a spool keeps about boots.
//
//go:embed watch-boots-v1.schema.json
var WatchBoots []byte

// Run is the schema of the first line of a run's file. Its $defs/line describes
// any line of it.
//
//go:embed run-v1.schema.json
var Run []byte

// RunSummary is the schema of what came of a run.
//
//go:embed run-summary-v1.schema.json
var RunSummary []byte

// Scene is the schema of what is found before a run.
//
//go:embed stress-scene-v1.schema.json
var Scene []byte

// RunsList is the schema of a list of runs.
//
//go:embed runs-list-v1.schema.json
var RunsList []byte

// Comparison is the schema of a comparison of runs.
//
//go:embed comparison-v1.schema.json
var Comparison []byte

// Baselines is the schema of the runs that others are compared with.
//
//go:embed baselines-v1.schema.json
var Baselines []byte

// BaselineWatch is the schema of what is watched for new kernels, and of what was
// found.
//
//go:embed baseline-watch-v1.schema.json
var BaselineWatch []byte

// Bisect is the schema of where a search for a bad revision stands.
//
//go:embed bisect-v1.schema.json
var Bisect []byte

// Document is a kind of document.
type Document struct {
	// ID is the value of "schema" in it.
	ID string
	// What says where it comes from.
	What string
	// Schema is its schema.
	Schema []byte
}

// Documents returns every kind of document that roamfault writes.
func Documents() []Document {
	return []Document{
		{AnalysisID, "analyze --format json; its $defs/line: a line of --format jsonl", Analysis},
		{BootsID, "analyze --boot all --format json", Boots},
		{ExplanationID, "explain --format json", Explanation},
		{DoctorID, "doctor --format json", Doctor},
		{WatchID, "watch: an incident of the spool, what --exec gets; its $defs/line: a line of --format jsonl", Watch},
		{CheckpointID, "watch: checkpoint.json of the spool", Checkpoint},
		{WatchBootsID, "watch: boots.json of the spool", WatchBoots},
		{RunID, "stress: the first line of a run's run.jsonl; its $defs/line: any line", Run},
		{RunSummaryID, "stress and runs show --format json", RunSummary},
		{SceneID, "stress --dry-run --format json", Scene},
		{RunsListID, "runs list --format json", RunsList},
		{ComparisonID, "compare --format json", Comparison},
		{BaselinesID, "runs baseline list --format json, and the file baselines.json beside the runs", Baselines},
		{BaselineWatchID, "runs baseline watch status --format json", BaselineWatch},
		{BisectID, "runs bisect status --format json, and the file bisect.json beside the runs", Bisect},
	}
}
