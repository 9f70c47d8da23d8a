module subunit2/conformance

go 1.21
