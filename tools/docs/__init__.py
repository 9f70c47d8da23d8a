"""The documentation's pictures, examples and rules, made of the sources of truth."""
