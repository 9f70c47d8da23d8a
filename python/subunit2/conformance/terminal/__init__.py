"""Cases, failures and summaries, drawn for a terminal."""
