package dbus

import (
	"context"
	"fmt"
	"time"

	godbus "github.com/godbus/dbus/v5"
)

// Names of the bus and of the supplicant (wpa_supplicant/dbus/dbus_new.h).
const (
	busName        = "org.freedesktop.DBus"
	propertiesName = "org.freedesktop.DBus.Properties"
	service        = "fi.w1.wpa_supplicant1"
	ifaceInterface = service + ".Interface"
	ifaceBSS       = service + ".BSS"
	ifaceNetwork   = service + ".Network"

	rootPath = godbus.ObjectPath("/fi/w1/wpa_supplicant1")
	// noPath is the path of nothing.
	noPath = godbus.ObjectPath("/")
)

// patience is how long an answer may take. The supplicant does its work one after
// the other, and a driver may keep it waiting.
const patience = 10 * time.Second

// bus is a connection to the message bus.
type bus struct {
	conn  *godbus.Conn
	inbox *inbox
}

// dial connects to the bus at an address; empty: the system bus.
func dial(ctx context.Context, address string) (*bus, error) {
	b := &bus{inbox: newInbox()}
	type result struct {
		conn *godbus.Conn
		err  error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		if address == "" {
			r.conn, r.err = godbus.ConnectSystemBus(godbus.WithSignalHandler(b.inbox))
		} else {
			r.conn, r.err = godbus.Connect(address, godbus.WithSignalHandler(b.inbox))
		}
		done <- r
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, explain("connect to the message bus", translate(r.err))
		}
		b.conn = r.conn
	case <-ctx.Done():
		go func() {
			if r := <-done; r.err == nil {
				_ = r.conn.Close() // nobody is there any more for its error
			}
		}()
		return nil, explain("connect to the message bus", ctx.Err())
	}
	if err := b.subscribe(ctx); err != nil {
		_ = b.conn.Close() // the first error counts
		return nil, err
	}
	return b, nil
}

// subscribe asks for what is read. Changed properties come under their own
// interface, too, which is deprecated: those are left out.
func (b *bus) subscribe(ctx context.Context) error {
	rules := [][]godbus.MatchOption{
		{godbus.WithMatchSender(busName), godbus.WithMatchInterface(busName), godbus.WithMatchMember("NameOwnerChanged"), godbus.WithMatchArg(0, service)},
		{godbus.WithMatchSender(service), godbus.WithMatchInterface(propertiesName), godbus.WithMatchPathNamespace(rootPath)},
		{godbus.WithMatchSender(service), godbus.WithMatchInterface(service), godbus.WithMatchMember("InterfaceAdded")},
		{godbus.WithMatchSender(service), godbus.WithMatchInterface(service), godbus.WithMatchMember("InterfaceRemoved")},
	}
	for _, member := range []string{"ScanDone", "BSSAdded", "BSSRemoved", "EAP"} {
		rules = append(rules, []godbus.MatchOption{
			godbus.WithMatchSender(service), godbus.WithMatchInterface(ifaceInterface), godbus.WithMatchMember(member),
		})
	}
	for _, rule := range rules {
		if err := b.conn.AddMatchSignalContext(ctx, rule...); err != nil {
			return explain("ask the message bus for signals", translate(err))
		}
	}
	return nil
}

// owner returns the unique name of the supplicant. Requests go there and not to
// its well-known name, so that none starts one (D-Bus activation).
func (b *bus) owner(ctx context.Context) (string, error) {
	var name string
	err := b.call(ctx, busName, "/org/freedesktop/DBus", busName+".GetNameOwner", service).Store(&name)
	return name, err
}

// pid returns the process behind a unique name, 0 where the bus does not know.
func (b *bus) pid(ctx context.Context, owner string) int {
	var pid uint32
	if err := b.call(ctx, busName, "/org/freedesktop/DBus", busName+".GetConnectionUnixProcessID", owner).Store(&pid); err != nil {
		return 0
	}
	return int(pid)
}

// call makes a request and waits for its answer.
func (b *bus) call(ctx context.Context, owner string, path godbus.ObjectPath, method string, args ...any) *godbus.Call {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	call := <-b.begin(ctx, owner, path, method, args...).Done
	call.Err = translate(call.Err)
	return call
}

// begin makes a request whose answer is waited for elsewhere.
func (b *bus) begin(ctx context.Context, owner string, path godbus.ObjectPath, method string, args ...any) *godbus.Call {
	done := make(chan *godbus.Call, 1)
	if !path.IsValid() {
		call := &godbus.Call{Err: fmt.Errorf("%q is no object path", path), Done: done}
		done <- call
		return call
	}
	return b.conn.Object(owner, path).GoWithContext(ctx, method, godbus.FlagNoAutoStart, done, args...)
}

// get reads properties of one object, all at once. Those that cannot be read have
// no value.
func (b *bus) get(ctx context.Context, owner string, path godbus.ObjectPath, iface string, names ...string) (properties, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	calls := make([]*godbus.Call, len(names))
	for i, name := range names {
		calls[i] = b.begin(ctx, owner, path, propertiesName+".Get", iface, name)
	}
	p := properties{}
	var failed error
	for i, name := range names {
		<-calls[i].Done
		if calls[i].Err != nil {
			failed = translate(calls[i].Err)
			continue
		}
		p[name] = arg[godbus.Variant](calls[i].Body, 0)
	}
	if err := ctx.Err(); err != nil {
		return nil, translate(err)
	}
	if len(p) == 0 {
		return nil, failed
	}
	return p, nil
}

// set changes a property.
func (b *bus) set(ctx context.Context, owner string, path godbus.ObjectPath, iface, name string, v any) error {
	return b.call(ctx, owner, path, propertiesName+".Set", iface, name, godbus.MakeVariant(v)).Err
}
