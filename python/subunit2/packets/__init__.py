"""The octets of one packet.

| module | |
| --- | --- |
| `header`, `numbers`, `strings`, `crc` | the parts of the format |
| `decode` | packets to fields, with the backend in use |
| `fast`, `fast_generated` | the fast path in Python: canonical packets |
| `_speedups` | the fast path in C, built from `speedups/` if there is a compiler |
| `backend` | the choice between these two |
| `kaitai`, `kaitai_generated` | the slow path: the reader that the Kaitai Struct compiler makes |
| `dissect`, `kaitai_annotated_generated` | the octets of each field, also of malformed packets |
| `build`, `fast_writer` | fields to packets; a fast path for small and valid packets |
| `rewrite` | one field changed, the octets of all others kept |

Files named `_generated` are generated from `spec/subunit2.ksy`; `make generate` writes them.
"""
