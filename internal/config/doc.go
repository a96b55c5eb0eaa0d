// Package config reads the program's configuration from MOTCUA_* variables.
//
// Invariants:
//   - no variable is needed: without any, everything runs embedded on the
//     loopback interface;
//   - a variable of our prefix that is not known is an error with a suggestion,
//     since a misspelt setting that is ignored looks like one that works;
//   - all problems are told at once, each with its variable and what to do;
//   - every secret can come from a file (…_FILE), and is of a type that does not
//     print;
//   - production refuses secrets from documentation, plain HTTP and the
//     simulator.
package config
