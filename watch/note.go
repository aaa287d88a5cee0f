package watch

// noteBoot notes what drives the Wi-Fi cards in this boot. To do without is no
// reason to stop: it is said, and done the next time.
func (o *Options) noteBoot() {
	if o.Loaded == nil {
		return
	}
	note, err := o.Loaded()
	if err == nil {
		_, note.Boot = o.Clock.Now()
		err = o.Spool.NoteBoot(note)
	}
	if err != nil {
		o.Say("%v", err)
	}
}
