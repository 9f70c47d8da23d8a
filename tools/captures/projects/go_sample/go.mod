module example.org/measures

go 1.20
