package ctrl

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// LevelDebug is the level of a daemon that says what it does, and why.
const LevelDebug = "DEBUG"

// levels are how much a daemon prints, from most to least (wpa_supplicant,
// src/utils/wpa_debug.c, debug_level_str).
func levels() []string {
	return []string{"EXCESSIVE", "MSGDUMP", LevelDebug, "INFO", "WARNING", "ERROR"}
}

// Level is how much the daemon prints to its log: "DEBUG", "INFO" and others.
func (c *Client) Level(ctx context.Context) (string, error) {
	answer, err := c.Request(ctx, "LOG_LEVEL")
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(answer, "\n")
	level, ok := strings.CutPrefix(line, "Current level: ")
	if !ok || !slices.Contains(levels(), level) {
		return "", &Refusal{"LOG_LEVEL", answer}
	}
	return level, nil
}

// SetLevel sets how much the daemon prints, for all its interfaces.
func (c *Client) SetLevel(ctx context.Context, level string) error {
	if !slices.Contains(levels(), level) {
		return fmt.Errorf("set wpa_supplicant's log level to %.20q: there are %s", level, strings.Join(levels(), ", "))
	}
	return c.Order(ctx, "LOG_LEVEL "+level)
}
