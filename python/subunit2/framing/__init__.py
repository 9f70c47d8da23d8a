"""Where packets are in the octets of a stream."""
