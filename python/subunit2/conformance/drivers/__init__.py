"""Drivers put cases to an implementation, through filters or a session with its harness."""
