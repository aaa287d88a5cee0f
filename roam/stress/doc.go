// Package stress puts a run together from its parts: it looks at the machine and
// who manages its Wi-Fi, chooses how to roam, drives the plan, watches the logs
// meanwhile, and leaves the machine as it was found.
package stress
