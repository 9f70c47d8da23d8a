"""Ids, tags and output that are not ASCII."""

import sys

import measures
import testscenarios
import testtools


class Scenarios(testscenarios.WithScenarios, testtools.TestCase):
    """The scenario's name becomes a part of the test id."""

    scenarios = [
        ("litro", {"text": "1 l", "expected": 1}),
        ("кубический метр", {"text": "1 m³", "expected": 1000}),
        ("ヘクトリットル", {"text": "1 hl", "expected": 100}),
    ]

    def test_litres(self):
        self.assertEqual(self.expected, measures.litres(self.text))


class Tagged(testtools.TestCase):
    def run(self, result=None):
        result.tags({"volume", "größe", "объём", "slow"}, set())
        try:
            return super().run(result)
        finally:
            result.tags(set(), {"volume", "größe", "объём", "slow"})

    def test_tagged_success(self):
        self.assertEqual(200, measures.litres("2 hl"))

    def test_tagged_failure(self):
        self.assertEqual("прошло 3 m³", "прошло 3 hl")


class Prints(testtools.TestCase):
    """What a worker prints goes into the stream that its packets go into."""

    def test_prints_lines(self):
        print("canción: 3 m³ de agua, adiós")
        print("вода: 3 кубических метра, много г")

    def test_prints_without_newline(self):
        print("starting server", end="")
        sys.stdout.flush()

    def test_prints_up_to_a_b3(self):
        # UTF-8 ends "adió" and "m³" in the octet that also begins a packet.
        print("adió", end="")
        sys.stdout.flush()
        print("m³", end="")
        sys.stdout.flush()
