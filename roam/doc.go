// Package roam connects and roams again and again, after a plan, and knows of
// each cycle what happened in each stage.
package roam
