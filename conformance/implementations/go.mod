// The reports here are large. This file keeps them out of the module above.
module subunit2/conformance/implementations

go 1.21
