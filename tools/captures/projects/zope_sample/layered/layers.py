"""Layers: fixtures that zope.testrunner shares between tests, one on another."""


class Database:
    @classmethod
    def setUp(cls):
        print("database: opened")

    @classmethod
    def tearDown(cls):
        print("database: closed")


class Catalogue(Database):
    @classmethod
    def setUp(cls):
        print("catalogue: 3 entrées chargées")

    @classmethod
    def tearDown(cls):
        # The runner says so and goes on in a process of its own.
        raise NotImplementedError


class Mail:
    @classmethod
    def setUp(cls):
        raise RuntimeError("no mail server – нет почты")

    @classmethod
    def tearDown(cls):
        print("never reached")
