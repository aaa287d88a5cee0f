package journalctl_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fakeKey is the variable that makes this test binary a journalctl, for
// processes that can be killed.
const fakeKey = "ROAMFAULT_TEST_JOURNALCTL"

func TestMain(m *testing.M) {
	if how, ok := os.LookupEnv(fakeKey); ok {
		os.Exit(fake(how, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fakeCommand makes commands of a fake journalctl that behaves as told.
func fakeCommand(how string) func(args []string) (*exec.Cmd, error) {
	return func(args []string) (*exec.Cmd, error) {
		cmd := exec.Command(os.Args[0], args...)
		cmd.Env = append(os.Environ(), fakeKey+"="+how)
		return cmd, nil
	}
}

// fake is the fake journalctl: "say WORDS" says words on standard error and
// fails, "records N PIDFILE" writes N records slowly and in pieces.
func fake(how string, args []string) int {
	verb, rest, _ := strings.Cut(how, " ")
	switch verb {
	case "say":
		fmt.Fprintln(os.Stderr, rest)
		return 1
	case "die":
		p, _ := os.FindProcess(os.Getpid())
		_ = p.Kill()
		select {}
	case "hint":
		fmt.Fprintln(os.Stderr, rest)
		return 0
	case "records":
		var n int
		var pidFile string
		if _, err := fmt.Sscan(rest, &n, &pidFile); err != nil {
			return 2
		}
		return fakeRecords(n, pidFile, args)
	}
	return 2
}

func fakeRecords(n int, pidFile string, args []string) int {
	from := 0
	follow := false
	for _, a := range args {
		if v, ok := strings.CutPrefix(a, "--cursor=fake;i="); ok {
			from, _ = strconv.Atoi(v)
		}
		follow = follow || a == "--follow"
	}
	// Whole, under another name first: the killer must not see half a number.
	if err := os.WriteFile(pidFile+".new", []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return 2
	}
	if err := os.Rename(pidFile+".new", pidFile); err != nil {
		return 2
	}
	var b bytes.Buffer
	for i := from; i < n; i++ {
		b.Write(fakeRecord(i))
		for b.Len() > 0 && (i%4 == 3 || i == n-1) {
			if _, err := os.Stdout.Write(b.Next(1 + rand.IntN(600))); err != nil {
				return 1
			}
			if _, err := os.Stat(pidFile + ".done"); err != nil {
				time.Sleep(50 * time.Microsecond)
			}
		}
	}
	if follow {
		time.Sleep(time.Hour)
	}
	return 0
}

// fakeRecord is record i, every third with a message in binary form.
func fakeRecord(i int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "__CURSOR=fake;i=%d\n__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n", i, 1767228681000000+i, 1000000+i)
	fmt.Fprintf(&b, "_BOOT_ID=0123456789abcdef0123456789abcdef\n_HOSTNAME=station\nSYSLOG_IDENTIFIER=iwd\n_TRANSPORT=syslog\n")
	msg := fakeMessage(i)
	if strings.Contains(msg, "\n") {
		b.WriteString("MESSAGE\n")
		b.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(msg))))
		b.WriteString(msg + "\n\n")
	} else {
		b.WriteString("MESSAGE=" + msg + "\n\n")
	}
	return b.Bytes()
}

func fakeMessage(i int) string {
	if i%3 == 0 {
		return fmt.Sprintf("record %d\n\n__CURSOR=no cursor\nMESSAGE=no message", i)
	}
	return fmt.Sprintf("record %d %s", i, strings.Repeat("x", 1+i%400))
}
