"""Between a packet's octets and its fields.

`reference` decodes a packet with the reader that the Kaitai Struct compiler makes of
`spec/subunit2.ksy`; `fast` with functions that tools/packet_decoder makes of the same
file, and asks `reference` about whatever is not usual. `fast_writer` is the way back
for what is usual. Generated files end in `_generated`, and are not edited.
"""
