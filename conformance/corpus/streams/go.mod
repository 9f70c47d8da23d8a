// The raw streams are in ../cases.json. This file keeps them out of the module above.
module subunit2/conformance/corpus/streams

go 1.21
