package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"roamfault/roam/lab/guest"
)

// harness is the package that tests of the lab import.
const harness = "roamfault/roam/lab/labtest"

// program is the command that guests have, for tests of it.
const program = "roamfault/cmd/roamfault"

// testPackage is a package whose tests run in guests.
type testPackage struct {
	path   string // as it is imported
	dir    string // of its source
	binary string // its tests
	run    string // only those of its tests that match, if not empty
}

// build finds the packages and compiles their tests into dir.
func build(ctx context.Context, dir string, o options, stderr io.Writer) ([]testPackage, error) {
	packages, err := find(ctx, o.packages)
	if err != nil {
		return nil, err
	}
	packages = slices.DeleteFunc(packages, func(p testPackage) bool { return !strings.Contains(p.path, o.only) })
	fmt.Fprintln(stderr, "testlab: building", program)
	if _, err := command(ctx, "go", "build", "-o", filepath.Join(dir, path.Base(program)), program); err != nil {
		return nil, err
	}
	for i := range packages {
		p := &packages[i]
		fmt.Fprintln(stderr, "testlab: building the tests of", p.path)
		p.binary = filepath.Join(dir, strings.ReplaceAll(p.path, "/", "-")+".test")
		if _, err := command(ctx, "go", "test", "-c", "-o", p.binary, p.path); err != nil {
			return nil, err
		}
	}
	return packages, nil
}

// find lists the packages that import the harness in their tests, the harness
// itself, and those that are named, each once.
func find(ctx context.Context, named []string) ([]testPackage, error) {
	const format = "{{.ImportPath}}\t{{.Dir}}\t{{join .TestImports \" \"}} {{join .XTestImports \" \"}}"
	all, err := command(ctx, "go", "list", "-f", format, "./...")
	if err != nil {
		return nil, err
	}
	packages := users(all)
	if len(named) > 0 {
		list, err := command(ctx, "go", append([]string{"list", "-f", format}, named...)...)
		if err != nil {
			return nil, err
		}
		for _, p := range parseList(list) {
			packages = append(packages, p.testPackage)
		}
	}
	slices.SortFunc(packages, func(a, b testPackage) int { return strings.Compare(a.path, b.path) })
	return slices.Compact(packages), nil
}

// users are the packages of a list whose tests use the harness.
func users(list []byte) []testPackage {
	var packages []testPackage
	for _, p := range parseList(list) {
		if p.path == harness || slices.Contains(p.imports, harness) {
			packages = append(packages, p.testPackage)
		}
	}
	return packages
}

// listed is a line of go list.
type listed struct {
	testPackage
	imports []string // of its tests
}

func parseList(list []byte) []listed {
	var all []listed
	for line := range strings.Lines(string(list)) {
		fields := strings.SplitN(strings.TrimRight(line, "\n"), "\t", 3)
		if len(fields) == 3 {
			all = append(all, listed{testPackage{path: fields[0], dir: fields[1]}, strings.Fields(fields[2])})
		}
	}
	return all
}

// command runs a program of the host that makes static binaries of Linux.
func command(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(said.String()))
	}
	return out, nil
}

// workDir is where the tests of a package run in the guest.
func (p testPackage) workDir() string { return path.Join("/src", p.path) }

// inside is where its binary is there.
func (p testPackage) inside() string { return path.Join("/bin", path.Base(p.path)+".test") }

// files are what the tests find in the guest: the binary and their data.
func (p testPackage) files() ([]guest.File, error) {
	files := []guest.File{{Path: p.inside(), Host: p.binary, Mode: 0o755}}
	root := filepath.Join(p.dir, "testdata")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == root {
			return fs.SkipAll
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		below, err := filepath.Rel(p.dir, name)
		if err != nil {
			return err
		}
		files = append(files, guest.File{Path: path.Join(p.workDir(), filepath.ToSlash(below)), Host: name})
		return nil
	})
	return files, err
}
