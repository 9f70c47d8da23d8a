"""The time zone of the tests, numbers of examples, the site, and the tests that were left out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from support.docs_building import Built

# St John's is three and a half hours behind UTC: a time that is taken for local
# time somewhere does not pass by chance.
os.environ["TZ"] = "America/St_Johns"
if hasattr(time, "tzset"):
    time.tzset()

# No deadlines: machines that run tests are slow now and then, and no test here is
# about time. `quick` and `default` try the same examples in each run; `fuzz` looks for
# new ones: HYPOTHESIS_PROFILE=fuzz pytest
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=20)
settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


# ---- The site of the documentation ---------------------------------------------------


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The site, built once in a run for all tests that read it."""
    # Needs POSIX.
    from support.docs_building import build_once, shared_folder

    return build_once(shared_folder(tmp_path_factory))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that read the site: to build it takes a minute."""
    for item in items:
        if "built_site" in getattr(item, "fixturenames", ()):
            item.add_marker("docs")
            item.add_marker("slow")


# ---- Slow tests that were left out ---------------------------------------------------

_LEFT_OUT = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_LEFT_OUT] = 0


def pytest_deselected(items: Iterable[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow"):
            item.config.stash[_LEFT_OUT] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    # Where xdist runs the tests, its workers select them; each selects the same.
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["left_out"] = session.config.stash[_LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[_LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", 0)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if count := config.stash[_LEFT_OUT]:
        profile = settings.get_current_profile_name()
        examples = ", and most examples of property tests" if profile == "quick" else ""
        terminalreporter.line(
            f"left out: {count:,} slow tests{examples}; `make test-all` runs them all"
        )
