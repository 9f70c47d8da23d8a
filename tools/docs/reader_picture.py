"""The picture of a reader's states, drawn from a table that a test checks against the reader.

Strategy: each state is a column, and each step a row with an arrow between columns, as in a
sequence diagram. Any table of steps can be drawn in this way, and a row has room for the input of
a step and for its items.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Final

from docs.links import ROOT
from docs.markup import Element, element
from docs.packet_picture import picture, text

__all__ = ["State", "Step", "draw_reader", "say_reader", "table"]

_COLUMN: Final = 252
_ROW: Final = 46
_HEAD: Final = 52


@dataclass(frozen=True)
class State:
    """A state of a reader.

    :ivar says: its meaning, in a sentence.
    """

    id: str
    name: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step from a state to a state.

    :ivar when: the input of the step.
    :ivar gives: the kinds of the items that the step delivers.
    :ivar case: a case of the corpus in which the reader takes this step: it is in the state
        `from_` at the offset `at`, and in the state `to` at the offset `then`.
    """

    from_: str
    when: str
    gives: tuple[str, ...]
    to: str
    clause: str
    case: str
    at: int
    then: int


@cache
def table() -> tuple[tuple[State, ...], tuple[Step, ...]]:
    """Return the states, and the steps between them."""
    path = ROOT / "tools" / "docs" / "states.toml"
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    steps = tuple(
        Step(from_=form.pop("from"), gives=tuple(form.pop("gives")), **form)
        for form in document["step"]
    )
    return tuple(State(**form) for form in document["state"]), steps


def _gives(step: Step) -> str:
    return " + ".join(step.gives) or "nothing yet"


def say_reader() -> str:
    """Return the picture in words."""
    states, steps = table()
    names = {state.id: state.name for state in states}
    said = [
        f"{names[step.from_]}, {step.when}: {_gives(step)}, then {names[step.to]}" for step in steps
    ]
    return "; ".join(said) + "."


def draw_reader() -> Element:
    """Draw the states as columns, and the steps as arrows."""
    states, steps = table()
    middles = {state.id: index * _COLUMN + 84.0 for index, state in enumerate(states)}
    height = _HEAD + len(steps) * _ROW + 8
    group = element("g", _arrow_head())
    for state in states:
        x = middles[state.id]
        group.append(element("rect", x=x - 80, y=2, width=160, height=32, rx=6, class_="always"))
        group.append(text(x, 23, state.name, class_="in name"))
        group.append(element("line", x1=x, x2=x, y1=34, y2=height, class_="life"))
    for index, step in enumerate(steps):
        y = float(_HEAD + index * _ROW + 24)
        group.append(_arrow(middles[step.from_], middles[step.to], y))
        left = min(middles[step.from_], middles[step.to])
        group.append(text(left + 12, y - 8, step.when, class_="name"))
        is_self = step.from_ == step.to
        point = (left + 34, y + 9) if is_self else (left + 12, y + 15)
        group.append(text(*point, f"→ {_gives(step)}", class_="note"))
    width = int(_COLUMN * (len(states) - 1) + 84 + 84 + _tail(steps, states))
    return picture(
        group, title="The reader's states", says=say_reader(), width=width, height=height
    )


def _tail(steps: tuple[Step, ...], states: tuple[State, ...]) -> int:
    """Return the width right of the last column: a step that stays there needs room."""
    last = states[-1].id
    return 120 if any(step.from_ == step.to == last for step in steps) else 0


def _arrow_head() -> Element:
    path = element("path", d="M0 0 L8 4 L0 8 z", class_="head")
    return element(
        "defs",
        element(
            "marker",
            path,
            id="arrow-head",
            markerWidth="8",
            markerHeight="8",
            refX="8",
            refY="4",
            orient="auto",
        ),
    )


def _arrow(start: float, end: float, y: float) -> Element:
    if start == end:
        # A step that stays in its state: a loop.
        path = f"M{start:g} {y - 4:g} h22 v14 h-20"
    else:
        path = f"M{start:g} {y:g} H{end - 2 if end > start else end + 2:g}"
    return element("path", d=path, class_="arrow", marker_end="url(#arrow-head)")
