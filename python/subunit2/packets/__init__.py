"""Between a packet's octets and its fields.

`reference` decodes a packet with the reader that the Kaitai Struct compiler makes of
`spec/subunit2.ksy`; `fast` with functions that tools/packet_decoder makes of the same
file, and asks `reference` about whatever is not usual; `compiled` does what `fast` does,
and is made of `accelerator` where a C compiler is. `way` says which of these two is in
use, and `chosen` has it. `fast_writer` is the way back for what is usual; `route_code`
forwards packets without decoding them. Generated files have `_generated` in their names,
and are not edited.
"""
