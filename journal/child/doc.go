// Package child runs the programs that write the journal in export format, and
// reads them as if each were one stream that never breaks: a program that dies
// is started again behind the last record read, and where it keeps dying the
// next program takes its place.
package child
