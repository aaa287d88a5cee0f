package watch

import "roamfault/watch/metrics"

// Numbers are what a watching counts.
type Numbers struct {
	*metrics.Registry
	records, matched, skipped, restarts             *metrics.Metric
	events, incidents, found, open, unstored        *metrics.Metric
	spoolIncidents, spoolBytes, evicted, spoolFails *metrics.Metric
	saved, behind, lag, handed, reloads, ticks      *metrics.Metric
}

// NewNumbers makes the numbers, all 0.
func NewNumbers() *Numbers {
	r := &metrics.Registry{}
	return &Numbers{
		Registry: r,
		records:  r.Counter("roamfault_records_total", "Log records read.", ""),
		matched:  r.Counter("roamfault_records_matched_total", "Log records that a pattern matches.", ""),
		skipped:  r.Counter("roamfault_records_skipped_total", "What a source left out, by reason.", "reason"),
		restarts: r.Counter("roamfault_source_restarts_total", "How often reading the log had to begin again.", ""),
		lag:      r.Gauge("roamfault_record_age_seconds", "Age of the latest log record.", ""),
		ticks:    r.Counter("roamfault_ticks_total", "Seconds of silence in the log that the clock told.", ""),

		events:    r.Counter("roamfault_events_total", "Events, by class.", "class"),
		incidents: r.Counter("roamfault_incidents_total", "Finished incidents put into the spool, by outcome; a revision counts again.", "outcome"),
		found:     r.Counter("roamfault_incidents_found_again_total", "Finished incidents that the spool had already.", ""),
		open:      r.Gauge("roamfault_incidents_open", "Incidents that go on.", ""),
		unstored:  r.Gauge("roamfault_incidents_unstored", "Finished incidents that wait for room on the disk.", ""),

		spoolIncidents: r.Gauge("roamfault_spool_incidents", "Incidents in the spool.", ""),
		spoolBytes:     r.Gauge("roamfault_spool_bytes", "Size of the spool on disk.", ""),
		evicted:        r.Counter("roamfault_spool_evicted_total", "Incidents that went to make room.", ""),
		spoolFails:     r.Counter("roamfault_spool_errors_total", "Writes to the spool that failed and are tried again.", ""),
		saved:          r.Gauge("roamfault_saved_timestamp_seconds", "When the place in the log was last saved.", ""),
		behind:         r.Gauge("roamfault_saved_behind_records", "Records that would be read again after a kill.", ""),

		handed:  r.Counter("roamfault_exec_total", "Runs of the command that incidents are handed to, by result.", "result"),
		reloads: r.Counter("roamfault_reloads_total", "Reloads of the patterns, by result.", "result"),
	}
}
