"""From the octets of an authentic packet to its fields.

Each module here offers the same function, `decode_packet`; the reader does not
know which one it was given. What the Kaitai Struct compiler makes of
`spec/subunit2.ksy` lies here too, and is not edited.
"""
