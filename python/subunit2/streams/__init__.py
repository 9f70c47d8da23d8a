"""What stands on items: combinators, results and tests, read from a stream."""
