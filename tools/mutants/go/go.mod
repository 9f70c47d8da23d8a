module subunit2/mutants

go 1.21
