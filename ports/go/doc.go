// Package subunit reads, writes and joins streams of test results in the format subunit, version 2.
//
// A Reader divides the octets of a stream into items: a Packet is an event of a test run,
// Passthrough is other output, and Corrupt is damage. Encode and EncodeSplit turn packets into
// octets. A Multiplexer joins several streams into one. None of them does input or output; Items
// and Write do, for files and pipes.
//
// Comments cite the clauses of the specification, such as checksum.crc32, that the code below them
// keeps.
package subunit
