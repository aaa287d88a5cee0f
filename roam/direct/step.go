package direct

// Step is a step on the way to a connection. [Config.Between] is called before it.
type Step string

// The steps, in their order.
const (
	StepAuthenticate Step = "authenticate" // the first Authentication frame; a cached PMK or a password is chosen
	StepConfirm      Step = "confirm"      // every further Authentication frame of SAE
	StepAssociate    Step = "associate"    // the association request
	StepMessage2     Step = "message 2"    // of the 4-way handshake, each time it is sent
	StepMessage4     Step = "message 4"    // of the 4-way handshake, each time it is sent
	StepKeys         Step = "keys"         // keys are given to the kernel, of whichever handshake
	StepAuthorize    Step = "authorize"    // the port is opened
	StepGroup2       Step = "group 2"      // message 2 of the group key handshake
)

// Steps are all steps, in their order.
func Steps() []Step {
	return []Step{StepAuthenticate, StepConfirm, StepAssociate, StepMessage2, StepMessage4, StepKeys, StepAuthorize, StepGroup2}
}
