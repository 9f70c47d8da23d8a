"""Framing: finding the packets in the octets of a stream."""
