import unittest


class Scale(unittest.TestCase):
    def test_quiet(self):
        pass

    def test_talks(self):
        print("вес: 531 г", end="", flush=True)

    def test_talks_more(self):
        print("\x1b[32mOK\x1b[0m 3 m³\r\n¿adió", end="", flush=True)

    def test_fails(self):
        self.fail("the scale shows 531 г")
