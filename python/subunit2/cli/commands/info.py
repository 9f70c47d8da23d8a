"""`subunit2 info`: show the version of the software under test (version-info).

Strategy: a version-info file applies to every test of its route (`file.version-info`), and
a multiplexer puts its code in front of both. So a test has the version-info of its own
route, or else that of the longest leading part of its route, step by step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from subunit2.cli.damage import DamageCounts, fails_strictly
from subunit2.cli.exits import DONE, FAILED, InputError
from subunit2.cli.input import add_stream_options, read_items
from subunit2.cli.output import visible
from subunit2.cli.run_status import EMPTY, format_id, format_route
from subunit2.items import Packet
from subunit2.streams.attachments import Attachment, AttachmentParts
from subunit2.streams.routing import nearest_route

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Any, TypeAlias

    from subunit2.items import Item

    #: The version-info of each route.
    _Infos: TypeAlias = dict[str | None, Attachment]
    #: For each route of the test, the nearest route with a version-info, and that.
    _Nearest: TypeAlias = dict[str | None, tuple[str | None, Attachment] | None]

__all__ = ["configure", "run"]

_EPILOG: Final = """\
A test runner writes the version of the software under test as JSON, in a file
version-info without a test id. If a route has several, the last is shown.

--json prints one object: version_info, each with route_code, mime_type,
complete, text, and value if the text is JSON. With --test: test_id, and routes,
each with route_code (of the test) and version_info (as above, or null).

examples:
  subunit2 info run.subunit
  subunit2 info --test pkg.Case.test_x run.subunit
  subunit2 info --json run.subunit | jq '.version_info[].value'

exit status:
  0  success
  1  no version-info, or no such test (--json prints empty lists); or damage,
     with --strict
  2  usage error, or a file cannot be read
"""

_NAME: Final = "version-info"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    parser.add_argument(
        "--test", metavar="ID", help="show only the version-info that applies to this test"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Show version-info files, and return the exit status."""
    found = _Found(options.test)
    damage = DamageCounts()
    for items in read_items(options):
        found.take(items)
        damage.feed(items)
    damage.close()
    infos = found.infos()
    lengths = {len(route) for route in infos if route is not None}
    nearest = {route: _nearest(route, infos, lengths) for route in found.routes}
    if options.json:
        # Also without a result, so that the output is always JSON.
        _print_json(options.test, infos, nearest)
    if options.test is not None and not nearest:
        raise InputError(f"{options.test or EMPTY}: no such test in the stream")
    if not infos:
        raise InputError("no version-info in the stream")
    if not options.json:
        _show(options.test, infos, nearest)
    missing = None in nearest.values()
    return FAILED if fails_strictly(damage, options) or missing else DONE


class _Found:
    """The version-info files of a stream, and the routes of one test.

    Holds the version-info files.
    """

    def __init__(self, test_id: str | None) -> None:
        self._test_id = test_id
        self._parts: dict[str | None, AttachmentParts] = {}
        #: The routes of the test, in order of arrival.
        self.routes: dict[str | None, None] = {}

    def take(self, items: Iterable[Item]) -> None:
        for item in items:
            if not isinstance(item, Packet):
                continue
            if item.test_id is None:
                if item.file_name == _NAME:
                    # clause file.version-info
                    self._parts.setdefault(item.route_code, AttachmentParts()).add(item)
            elif item.test_id == self._test_id:
                self.routes[item.route_code] = None

    def infos(self) -> _Infos:
        """Return the last version-info of each route."""
        return {route: parts.attachments()[-1] for route, parts in self._parts.items()}


def _nearest(
    route: str | None, infos: _Infos, lengths: set[int]
) -> tuple[str | None, Attachment] | None:
    """Return the version-info of the longest leading part of a route, and that part."""
    near = None if route is None else nearest_route(route, infos, lengths)
    return (near, infos[near]) if near in infos else None


def _parse(text: str) -> Any:
    """Parse a text as JSON; None if it is not JSON."""
    import json

    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _form(route: str | None, info: Attachment) -> dict[str, Any]:
    form = {
        "route_code": route,
        "mime_type": info.mime_type,
        "complete": info.is_complete,
        "text": info.text,
    }
    value = _parse(info.text)
    return form if value is None else form | {"value": value}


def _print_json(test_id: str | None, infos: _Infos, nearest: _Nearest) -> None:
    import json

    if test_id is None:
        print(json.dumps({"version_info": [_form(*info) for info in infos.items()]}))
        return
    routes = [
        {"route_code": route, "version_info": None if near is None else _form(*near)}
        for route, near in nearest.items()
    ]
    print(json.dumps({"test_id": test_id, "routes": routes}))


def _show(test_id: str | None, infos: _Infos, nearest: _Nearest) -> None:
    if test_id is None:
        for info in infos.items():
            _print_info(*info)
        return
    for route, near in nearest.items():
        print(f"{format_id(test_id)}{format_route(route)}")
        if near is None:
            print("  no version-info for this route")
        else:
            _print_info(*near)


def _print_info(route: str | None, info: Attachment) -> None:
    import json

    cut = "" if info.is_complete else "  (without its end)"
    print(f"{_NAME}{format_route(route)}{cut}")
    value = _parse(info.text)
    text = info.text
    if value is not None:
        text = json.dumps(value, indent=2, ensure_ascii=False)
    for line in text.splitlines():
        print(f"  {visible(line)}")
