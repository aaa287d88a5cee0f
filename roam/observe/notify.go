package observe

import "roamfault/reports/incident"

// Notify is told all that t is, and calls opened with the class of each incident
// that begins. It must not wait.
func Notify(t Told, opened func(class string)) Told { return notifying{t, opened} }

type notifying struct {
	Told
	opened func(class string)
}

// Opened is of an incident that has begun.
func (n notifying) Opened(e *incident.Event) error {
	n.opened(string(e.Class))
	return n.Told.Opened(e)
}
