// Attend answers the host's orders in a guest whose init is another program. It is a
// service there; its success asks for the power to be switched off.
package main

import (
	"context"
	"fmt"
	"os"

	"roamfault/roam/lab/guest/agent"
)

func main() {
	if err := agent.Attend(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "guest agent:", err)
		os.Exit(1)
	}
}
