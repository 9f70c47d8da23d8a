r"""The plan of a run: the tests that were listed, and those of them that never started.

Strategy: a stream that lists tests and runs some is held to its list. A stream in which
nothing ran is a listing, and good as such. The order of listing and start does not matter.
A plan from outside holds the run to a list of its own. The rules:

- A listing without a route, or on a route where nothing ran, is met by a start on any
  route: one process lists, others run. Else it is met on its own route.
- A route where nothing ran is met by another only if that lists no tests itself, or both
  are of one place (`place_of`): a second machine does not stand for it.
- A test is started if it ended without a start, if an id that was not itself listed
  extends it by `(` or `[` (scenarios and parameters), or if a child of it started
  (`test-id.children`).
- A skipped `setUpClass` or `setUpModule` of unittest skips the tests of that class or
  module. If it failed, they never started.
- A listing that is not runnable is no test that can be asked for (`runnable.meaning`). If
  a route lists nothing that is runnable, its writer does not set the flag, and its tests
  count as things that are not runnable.
- In a plan from outside, steps of routes that number workers are ignored.

Holds the listed tests that have not started on their route, a hash of each test that was
listed or started, and the started ids that may extend a listed one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from itertools import islice
from typing import Final

from subunit2.damage.reports import PARSER
from subunit2.items import CHILD_SEPARATOR, Packet
from subunit2.streams.judgement import Key, key_of, place_of
from subunit2.structs import Struct

__all__ = ["NeverStarted", "Plan", "read_plan"]

#: The first characters of an extension of an id: of scenarios and of parameters.
_EXTENDING: Final = re.compile(r"[(\[]")
#: The most places at which an id is cut to find the one that it extends.
_MOST_CUTS: Final = 16
#: unittest's names of what runs before the tests of a class or a module.
_SET_UP: Final = re.compile(r"setUp(Class|Module) \((.+)\)", re.DOTALL)
#: The same, and of what runs after them: they are no tests, and pass without a packet.
_FIXTURE: Final = re.compile(r"(?:setUp|tearDown)(?:Class|Module) \(")


class NeverStarted(Struct, frozen=True, gc=False):
    """A test that was listed, in a run in which it never started.

    :ivar id: the test id.
    :ivar route_code: the route of its listing; None if there is none.
    :ivar runnable: whether it can be run by its id.
    :ivar offset: the offset of the packet that lists it first; 0 in a plan from outside.
    """

    id: str
    route_code: str | None = None
    runnable: bool = True
    offset: int = 0


class Plan:
    """Compares the tests that were listed with those that started. It does no IO.

    :param expected: the tests of a plan from outside, by route code and id.
    :param is_held: whether the stream is held to its own list.

    >>> plan = Plan()
    >>> for packet in (
    ...     Packet(test_id="foo", test_status="exists"),
    ...     Packet(test_id="bar", test_status="exists"),
    ...     Packet(test_id="foo", test_status="success"),
    ... ):
    ...     plan.note(packet)
    >>> [test.id for test in plan.never_started()]
    ['bar']
    """

    def __init__(self, expected: Iterable[Key] = (), *, is_held: bool = True) -> None:
        self._is_held = is_held
        self._expected = tuple(dict.fromkeys(expected))
        #: Listed, and not started on this route so far: whether runnable, and the offset.
        self._open: dict[Key, tuple[bool, int]] = {}
        #: The hashes of the ids that are listed, and the routes that list: whether any
        #: listing on the route is runnable.
        self._listed: set[int] = set()
        self._listing: dict[str | None, bool] = {}
        #: By route, the hashes of the ids that started.
        self._started: dict[str | None, set[int]] = {}
        #: Started ids that may extend others, and their routes.
        self._extending: dict[str, list[str | None]] = {}
        #: The classes, and the modules, that were skipped.
        self._skipped: tuple[set[str], set[str]] = (set(), set())

    def note(self, packet: Packet) -> None:
        """Note a packet. Of a run, the start is enough, unless the test was skipped."""
        test_id, status = packet.test_id, packet.test_status
        if status is None or test_id is None or test_id == PARSER:
            return
        if status == "exists":
            self._list((packet.route_code, test_id), packet)
            return
        # The rest in one piece: it is done for each test of a run.
        route, hashed = packet.route_code, hash(test_id)
        started = self._started.get(route)
        if started is None:
            started = self._started[route] = set()
        if hashed not in started:
            started.add(hashed)
            if self._open:
                self._open.pop((route, test_id), None)
                if route is not None:
                    self._open.pop((None, test_id), None)
            if CHILD_SEPARATOR in test_id or (
                ("(" in test_id or "[" in test_id)
                and (hashed not in self._listed or self._expected)
            ):
                self._extending.setdefault(test_id, []).append(route)
        if status == "skip" and (set_up := _SET_UP.fullmatch(test_id)):
            self._skipped[set_up[1] == "Module"].add(set_up[2])

    @property
    def has_run(self) -> bool:
        """Whether any test has started."""
        return bool(self._started)

    def _list(self, key: Key, packet: Packet) -> None:
        route, test_id = key
        hashed = hash(test_id)
        self._listed.add(hashed)
        self._listing[route] = self._listing.get(route, False) or packet.runnable
        if CHILD_SEPARATOR not in test_id and not self._expected:
            # An id that is listed itself stands for no other.
            self._extending.pop(test_id, None)
        if route in self._started and hashed in self._started[route]:
            return
        runnable, offset = self._open.get(key, (False, packet.offset))
        self._open[key] = (runnable or packet.runnable, offset)

    def is_open(self, key: Key) -> bool:
        """Return whether a test is listed, and has not started on its own route so far."""
        return key in self._open

    def open_keys(self) -> set[Key]:
        """Return the tests of the stream that never started, by each route that lists them."""
        if not self._started:
            return set()
        return {(test.route_code, test.id) for test in self._of_stream()}

    def never_started(self) -> list[NeverStarted]:
        """Return the tests of the plan that never started, those of the stream first.

        None of the stream if nothing ran in it: it is a listing then. An id that is listed
        without a route and on one is returned once.
        """
        found: list[NeverStarted] = []
        if self._is_held and self._started:
            found += self._of_stream()
        if self._expected:
            found += self._of_expected()
        return list(_once(found))

    def _of_stream(self) -> Iterator[NeverStarted]:
        starts = _Starts(self._started, self._extending, self._listed, self._listing)
        for (route, test_id), (runnable, offset) in self._open.items():
            if not runnable and self._listing[route]:
                # clause runnable.meaning
                continue
            if not (starts.meet(route, test_id) or self._is_skipped(test_id)):
                yield NeverStarted(test_id, route, runnable, offset)

    def _of_expected(self) -> Iterator[NeverStarted]:
        # An id stands for no other if the plan from outside has it.
        listed = {hash(test_id) for _, test_id in self._expected}
        starts = _Starts(self._started, self._extending, listed, ())
        for route, test_id in self._expected:
            if not (starts.meet_expected(route, test_id) or self._is_skipped(test_id)):
                yield NeverStarted(test_id, route)

    def _is_skipped(self, test_id: str) -> bool:
        """Return whether the class or the module of a test was skipped as a whole."""
        classes, modules = self._skipped
        if not classes and not modules:
            return False
        name = _EXTENDING.split(test_id, maxsplit=1)[0]
        owner = name.rpartition(".")[0]
        return owner in classes or owner.rpartition(".")[0] in modules


class _Starts:
    """The starts of a stream at its end, by the routes on which they meet a listing."""

    def __init__(
        self,
        started: dict[str | None, set[int]],
        extending: dict[str, list[str | None]],
        listed: Set[int],
        listing: Iterable[str | None],
    ) -> None:
        self._started = started
        self._listing = listing
        #: By route, the hashes of the ids that started ones extend.
        self._extended: dict[str | None, set[int]] = {}
        for test_id, routes in extending.items():
            bases = [hash(base) for base in _bases(test_id, listed)]
            for route in routes:
                self._extended.setdefault(route, set()).update(bases)
        self._unions: dict[str, dict[str | None, set[int]]] = {}

    def meet(self, route: str | None, test_id: str) -> bool:
        """Return whether a listing on a route is met."""
        hashed = hash(test_id)
        if route in self._started and route is not None:
            return any(hashed in each for each in self._on(route))
        place = place_of(route)
        if place is None:
            return hashed in self._union("all")
        return hashed in self._union("place", place) or hashed in self._union("unlisted")

    def meet_expected(self, route: str | None, test_id: str) -> bool:
        """Return whether a test of a plan from outside is met."""
        hashed, place = hash(test_id), place_of(route)
        if place is None or not self._union("place", place):
            return hashed in self._union("all")
        return hashed in self._union("place", place)

    def _on(self, route: str | None) -> Iterator[Set[int]]:
        yield self._started[route]
        if route in self._extended:
            yield self._extended[route]

    def _union(self, kind: str, place: str | None = None) -> set[int]:
        """Return the hashes of the ids started on some routes, made when first asked for."""
        if kind not in self._unions:
            self._unions[kind] = self._united(kind)
        return self._unions[kind].get(place, _NONE)

    def _united(self, kind: str) -> dict[str | None, set[int]]:
        united: dict[str | None, set[int]] = {}
        for route in self._started:
            if kind == "unlisted" and route in self._listing:
                continue
            place = place_of(route) if kind == "place" else None
            united.setdefault(place, set()).update(*self._on(route))
        return united


_NONE: Final[set[int]] = set()


def _bases(test_id: str, listed: Set[int]) -> Iterator[str]:
    """Yield the ids that an id extends."""
    name, *parts = test_id.split(CHILD_SEPARATOR, _MOST_CUTS)
    base = name
    for part in parts:
        yield base
        base += f"{CHILD_SEPARATOR}{part}"
    if hash(test_id) in listed or hash(name) in listed:
        return
    for extension in islice(_EXTENDING.finditer(name), _MOST_CUTS):
        yield name[: extension.start()]


def _once(found: list[NeverStarted]) -> Iterator[NeverStarted]:
    """Leave out repeated tests, and those without a route that were found on one."""
    routed = {test.id for test in found if test.route_code is not None}
    seen = set()
    for test in found:
        key = (test.route_code, test.id)
        if key not in seen and not (test.route_code is None and test.id in routed):
            seen.add(key)
            yield test


def read_plan(octets: bytes) -> list[Key]:
    """Return the tests of a plan from outside: a list of ids, or a stream.

    Of a stream that lists tests, these; of another, those that started. Tests that cannot
    be run by their id are left out, unless no test of the route can.

    :raises ValueError: if there is no test in it, or it is damaged.
    """
    from subunit2.damage.counting import DamageCounts
    from subunit2.files import decode
    from subunit2.streams.judgement import TestStates
    from subunit2.streams.listing import read_list

    states = TestStates(keep_ended=False)
    damage = DamageCounts()
    tests: dict[bool, dict[Key, bool]] = {True: {}, False: {}}
    has_packets = False
    for item in decode(octets):
        damage.feed((item,))
        if not isinstance(item, Packet):
            continue
        has_packets = True
        key, run = key_of(item), states.take(item)[1]
        if key is not None and item.test_status is not None and not _FIXTURE.match(key[1]):
            of_kind = tests[item.test_status == "exists"]
            runnable = item.runnable if run is None else run.runnable
            of_kind[key] = of_kind.get(key, False) or runnable
    damage.close()
    if damage.is_damaged:
        raise ValueError("the stream is damaged: tests may be missing")
    if has_packets:
        keys = list(_runnable(tests[True] or tests[False]))
    else:
        try:
            octets.decode()
        except UnicodeDecodeError:
            raise ValueError("neither a stream nor a list of ids in UTF-8") from None
        keys = [(None, test_id) for test_id in read_list(octets)]
    if not keys:
        raise ValueError("no test in it")
    return keys


def _runnable(tests: dict[Key, bool]) -> Iterator[Key]:
    routes = {route for (route, _), runnable in tests.items() if runnable}
    for (route, test_id), runnable in tests.items():
        if runnable or route not in routes:
            yield route, test_id
