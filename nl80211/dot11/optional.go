package dot11

// Optional is a field that a frame or element may leave out.
type Optional[T any] struct {
	Value   T
	Present bool
}

// Some returns an Optional that is present.
func Some[T any](v T) Optional[T] { return Optional[T]{Value: v, Present: true} }
