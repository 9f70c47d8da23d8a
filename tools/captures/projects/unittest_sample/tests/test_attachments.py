"""Details: text, octets, several chunks, and those that a fixture brings."""

import logging
import time

import fixtures
import testtools
from testtools.content import Content, text_content
from testtools.content_type import ContentType

OCTETS = ContentType("application", "octet-stream")


class Scale(fixtures.Fixture):
    """A fixture with a detail of its own and a log that is captured."""

    def _setUp(self):
        self.addDetail("weights.csv", text_content("name,grams\nBrot,500\nсоль,30\n"))


class Attachments(testtools.TestCase):
    def setUp(self):
        super().setUp()
        # Long enough for two workers to take turns.
        time.sleep(0.02)

    def test_text(self):
        self.addDetail("notes", text_content("poids: 3 m³ à 20 °C\n"))

    def test_octets(self):
        self.addDetail("every octet", Content(OCTETS, lambda: [bytes(range(256))]))

    def test_a_signature_in_octets(self):
        # An attachment that holds what could be the start of a packet.
        self.addDetail("b3", Content(OCTETS, lambda: [bytes.fromhex("b329010c03666f6f")]))

    def test_chunks(self):
        chunks = [f"line {number}\n".encode() for number in range(5)]
        self.addDetail("log", Content(ContentType("text", "plain"), lambda: chunks))

    def test_nothing_in_it(self):
        self.addDetail("empty", Content(OCTETS, lambda: []))

    def test_fixture_then_failure(self):
        self.useFixture(Scale())
        self.fail("the scale shows 531 g")

    def test_logger(self):
        logger = self.useFixture(fixtures.FakeLogger())
        logging.warning("the scale drifts by %d µg", 3)
        self.assertIn("µg", logger.output)
