"""Compare the files of the specification with each other, field by field."""
