"""Tests on each layer, and some on none."""

import unittest

from layered import layers


class NoLayer(unittest.TestCase):
    def test_success(self):
        pass

    def test_failure(self):
        self.assertEqual("3 m³", "3 hl")

    @unittest.skip("not today")
    def test_skip(self):
        pass

    @unittest.expectedFailure
    def test_expected_failure(self):
        self.fail("known")

    @unittest.expectedFailure
    def test_unexpected_success(self):
        pass

    def test_subtests(self):
        for number in range(2):
            with self.subTest(number=number):
                self.assertEqual(0, number)


class OnDatabase(unittest.TestCase):
    layer = layers.Database

    def test_query(self):
        print("query: SELECT 1")

    def test_error(self):
        raise KeyError("Straße")


class OnCatalogue(unittest.TestCase):
    layer = layers.Catalogue

    def test_search(self):
        pass


class OnMail(unittest.TestCase):
    layer = layers.Mail

    def test_never_run(self):
        pass
