"""Measure the rules of the stream on octets that no test was written for.

Strategy: octets of many kinds (`noise`) are read, and the measurements count what the reader
takes for damage there by mistake (`measures`). Packets of the captures are damaged in each bit,
and the measurements count what is found of that. The figures are kept as docs/survey.json,
and the page docs/specification/survey.md is made from them (`page`).
"""
