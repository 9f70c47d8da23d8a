"""Measures how fast the reader, the writer and the command are, beside others."""
