"""`subunit2 info`: what the runs in a stream tested, by their version-info.

Strategy: a version-info is about every test of its route (`file.version-info`), and a
multiplexer puts its code in front of both. So the one of a test is that of the route
nearest to the test's: of its own, or of what that begins with, step by step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from subunit2.cli.exits import DONE, FAILED
from subunit2.cli.failures import InputError
from subunit2.cli.output import visible
from subunit2.cli.stream import add_stream_options, read_items
from subunit2.cli.verdict import say_route
from subunit2.items import Corrupt, Packet
from subunit2.streams.attachments import Attachment, AttachmentParts

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Any

    from subunit2.items import Item

__all__ = ["configure", "run"]

_EPILOG: Final = """\
A runner says what it tests by a file version-info without a test id, as JSON. Where a
route has several, the last is shown.

--json prints one object: version_info, each with route_code, mime_type, complete,
text, and value where the text is JSON. With --test: test_id, and routes, each with
route_code (of the test) and version_info (as above, or null).

examples:
  subunit2 info run.subunit
  subunit2 info --test pkg.Case.test_x run.subunit
  subunit2 info --json run.subunit | jq '.version_info[].value'

exit status:
  0  done
  1  there is no version-info, or no such test; damage, under --strict
  2  the call's fault
"""

_NAME: Final = "version-info"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    parser.add_argument("--test", metavar="ID", help="only what is about this test")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Show version-infos; the exit status."""
    found = _Found(options.test)
    damaged = False
    for items in read_items(options):
        found.take(items)
        damaged = damaged or any(isinstance(item, Corrupt) for item in items)
    infos = found.infos()
    if options.test is not None and not found.routes:
        raise InputError(f"{options.test}: no such test in the stream")
    if not infos:
        raise InputError("no version-info in the stream")
    if options.test is None:
        _show(infos, as_json=options.json)
        return FAILED if damaged and options.strict else DONE
    nearest = {route: _nearest(route, infos) for route in found.routes}
    if options.json:
        import json

        routes = [
            {
                "route_code": route,
                "version_info": None if near is None else _form(*near),
            }
            for route, near in nearest.items()
        ]
        print(json.dumps({"test_id": options.test, "routes": routes}))
    else:
        for route, near in nearest.items():
            print(f"{visible(options.test)}{say_route(route)}")
            if near is None:
                print("  no version-info is about this route")
            else:
                _print_info(*near)
    missing = None in nearest.values()
    return FAILED if missing or (damaged and options.strict) else DONE


class _Found:
    """The version-infos of a stream, and the routes of one test.

    Holds the version-infos.
    """

    def __init__(self, test_id: str | None) -> None:
        self._test_id = test_id
        self._parts: dict[str | None, AttachmentParts] = {}
        #: The routes that the test is on, in the order in which they came.
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

    def infos(self) -> dict[str | None, Attachment]:
        """The last of each route."""
        return {route: parts.attachments()[-1] for route, parts in self._parts.items()}


def _nearest(
    route: str | None, infos: dict[str | None, Attachment]
) -> tuple[str | None, Attachment] | None:
    """The version-info of the longest route that a route begins with, step by step."""
    near = route
    while near is not None and near not in infos:
        before, slash, _ = near.rpartition("/")
        near = before if slash else None
    return (near, infos[near]) if near in infos else None


def _parse(text: str) -> Any:
    """The value of JSON; None where it is none."""
    import json

    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _form(route: str | None, info: Attachment) -> dict[str, Any]:
    form = {
        "route_code": route,
        "mime_type": info.mime_type,
        "complete": info.is_complete,
        "text": info.text,
    }
    value = _parse(info.text)
    return form if value is None else form | {"value": value}


def _show(infos: dict[str | None, Attachment], *, as_json: bool) -> None:
    if as_json:
        import json

        print(json.dumps({"version_info": [_form(*item) for item in infos.items()]}))
        return
    for route, info in infos.items():
        _print_info(route, info)


def _print_info(route: str | None, info: Attachment) -> None:
    import json

    cut = "" if info.is_complete else "  (without its end)"
    print(f"{_NAME}{say_route(route)}{cut}")
    value = _parse(info.text)
    text = info.text
    if value is not None:
        text = json.dumps(value, indent=2, ensure_ascii=False)
    for line in text.splitlines():
        print(f"  {visible(line)}")
