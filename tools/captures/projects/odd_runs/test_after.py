"""Runs after another worker was killed."""

import unittest


class After(unittest.TestCase):
    def test_first(self):
        pass

    def test_second(self):
        print("всё ещё здесь", flush=True)
