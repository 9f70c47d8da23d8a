"""Tests of Twisted trial: deferreds, todo, skips, errors that were logged."""

from twisted.internet import defer, reactor, task
from twisted.python import log
from twisted.trial import unittest


class Scale(unittest.TestCase):
    def test_success(self):
        self.assertEqual(3, 3)

    def test_deferred_success(self):
        return task.deferLater(reactor, 0.01, lambda: "531 g")

    def test_failure(self):
        self.assertEqual("500 g", "531 g – слишком много")

    def test_deferred_error(self):
        return defer.fail(RuntimeError("the scale is not plugged in"))

    def test_two_errors(self):
        log.err(RuntimeError("logged and not flushed: 3 m³"))
        self.fail("and failed")

    def test_skip(self):
        raise unittest.SkipTest("needs a second scale")

    def test_todo(self):
        self.fail("pints are not done")

    test_todo.todo = "pints"

    def test_todo_that_passes(self):
        pass

    test_todo_that_passes.todo = "litres"


class Offline(unittest.TestCase):
    skip = "the whole class is left out"

    def test_never_run(self):
        pass
