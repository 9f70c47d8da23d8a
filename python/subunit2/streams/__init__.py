"""Modules on top of items: combinators, results, and records of tests."""
