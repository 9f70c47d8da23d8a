"""A program of another age writes Latin-1 to the stream that the packets are in."""

import os
import unittest


def write_latin1(text):
    os.write(1, text.encode("latin-1"))


class Latin1(unittest.TestCase):
    def test_line(self):
        write_latin1("canción, 3 m³ à 20 °C\n")

    def test_ends_in_b3(self):
        # In Latin-1, ³ is B3: the octet that begins a packet, right before one.
        write_latin1("canción m³")

    def test_line_begins_with_b3(self):
        write_latin1("³ significa al cubo\n³ otra línea\n")

    def test_many(self):
        write_latin1("³³³³ ³\n³\n")
