"""A worker that is killed while it writes an attachment larger than a pipe holds."""

import testtools
from testtools.content import Content
from testtools.content_type import ContentType


class Worker(testtools.TestCase):
    def test_before(self):
        pass

    def test_large_log(self):
        lines = "".join(f"{number:05} weighed 3 m³ of water\n" for number in range(9000))
        plain = ContentType("text", "plain", {"charset": "utf8"})
        self.addDetail("large.log", Content(plain, lambda: [lines.encode()]))

    def test_never_reached(self):
        pass
