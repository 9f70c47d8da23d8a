"""One test of each outcome that unittest knows, and subtests."""

import time
import unittest

import measures


class Outcomes(unittest.TestCase):
    def setUp(self):
        # Long enough for two workers to take turns.
        time.sleep(0.02)

    def test_success(self):
        self.assertEqual(3000, measures.litres("3 m³"))

    def test_failure(self):
        self.assertEqual("300 l", "3 hl")

    def test_error(self):
        measures.litres("3 pint")

    @unittest.skip("needs a weighing machine – not here")
    def test_skip(self):
        self.fail("never run")

    def test_skip_half_way(self):
        self.skipTest("half way: pas aujourd’hui")

    @unittest.expectedFailure
    def test_expected_failure(self):
        self.assertEqual(3.785, measures.litres("1 gal"))

    @unittest.expectedFailure
    def test_unexpected_success(self):
        self.assertEqual(1, measures.litres("1 l"))


class Subtests(unittest.TestCase):
    def test_all_pass(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertEqual(number, measures.litres(f"{number} l"))

    def test_some_fail(self):
        for unit in ("l", "hl", "m³"):
            with self.subTest("against one litre", unit=unit):
                self.assertEqual(1, measures.litres(f"1 {unit}"))


class SetUpClassFails(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("the scale is not plugged in")

    def test_never_run(self):
        pass
