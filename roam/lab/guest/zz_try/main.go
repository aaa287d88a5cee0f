package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"roamfault/roam/lab/guest"
)

func main() {
	if guest.IsInit() {
		guest.Init()
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	pr := func(p guest.Progress) { fmt.Printf("... %s %d/%d\n", p.Step, p.Done, p.Total) }
	t := time.Now()
	k := os.Args[1]
	im, err := guest.Prepare(ctx, guest.ImageOptions{Kernel: k, Cache: "/tmp/rf-lab-cache", Progress: pr})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("prepare", time.Since(t), im.Release, im.KernelBytes, im.RootBytes, im.Direct)
	for _, s := range im.Stamps {
		fmt.Println(s.Set, s.Suite, s.Version, len(s.Packages))
	}
	accel := os.Getenv("ACCEL")
	var load []guest.Module
	if os.Getenv("NOLOAD") != "" {
		load = []guest.Module{}
	}
	g, err := guest.Boot(ctx, im, guest.Options{Progress: pr, Accel: accel, Load: load, Append: os.Getenv("APPEND")})
	if err != nil {
		fmt.Println(err)
		var e *guest.EndError
		if asEnd(err, &e) {
			fmt.Println(e.Console, e.Emulator)
		}
		os.Exit(1)
	}
	defer g.Close()
	fmt.Printf("%+v %s %v %v\n", g.BootTimes(), g.Release(), g.Modules(), g.Missing())
	for _, c := range os.Args[2:] {
		t := time.Now()
		code, err := g.Run(ctx, guest.Command{Args: []string{"sh", "-c", c}, Stdout: os.Stdout, Stderr: os.Stderr})
		fmt.Println("->", c[:min(40, len(c))], code, err, time.Since(t))
	}
	t = time.Now()
	fmt.Println(g.Close(), time.Since(t), g.Err())
	fmt.Println("kernel records", len(g.KernelLog().Records()))
	fmt.Println("console:", g.Console())
}
