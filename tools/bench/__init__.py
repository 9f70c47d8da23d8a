"""Benchmarks of the reader, the writer and the command, compared with other
implementations.
"""
