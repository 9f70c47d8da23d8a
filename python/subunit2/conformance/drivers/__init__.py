"""How an implementation is asked: through filters, or in a session with its harness."""
