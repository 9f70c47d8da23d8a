"""Views of cases, failures and runs for a terminal."""
