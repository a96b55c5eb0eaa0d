// Package coretest has what tests of every layer need of the core: a clock they
// set, a sealer that seals with the standard library, and builders of nouns that
// fill in all fields with values that hold no personal data of anybody.
//
// Only tests import it.
package coretest
