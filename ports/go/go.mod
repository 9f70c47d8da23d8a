module subunit2/go

go 1.23
