"""`ids.lock`: every id ever used, with the digest of its question.

Strategy: lines are only ever added. Lists of known failures name ids, so an id whose
question changed or vanished is refused. A removed case keeps its line, with the word
`retired` added by hand.

    packet/exists 6d0f...
    packet/wrong 93ab... retired
"""

from __future__ import annotations

from collections.abc import Mapping

from corpus.lint import Problem

__all__ = ["LOCK", "extend_lock"]

LOCK = "conformance/ids.lock"


def extend_lock(text: str, questions: Mapping[str, str]) -> tuple[str, list[Problem]]:
    r"""Return the lock with the new ids added, and the faults of the others.

    :param questions: the digest of each case's question, by id.

    >>> extend_lock("a/b 11\n", {"a/b": "11", "a/c": "22"})
    ('a/b 11\na/c 22\n', [])
    """
    problems: list[Problem] = []
    known: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{LOCK}:{number}"
        name, digest, mark = (line.split() + [""] * 3)[:3]
        if not digest or mark not in ("", "retired") or len(line.split()) > 3:
            problems.append(Problem(where, "", "not `id digest`, or `id digest retired`"))
        elif name in known:
            problems.append(Problem(where, "", f"{name} is locked twice"))
        elif mark:
            if name in questions:
                problems.append(Problem(where, "", f"{name} is retired: give the case another id"))
        elif name not in questions:
            problems.append(
                Problem(
                    where, "", f"{name} has no case any more: ids stay, or are marked `retired`"
                )
            )
        elif questions[name] != digest:
            problems.append(
                Problem(where, "", f"{name} asks something else than it did: give it another id")
            )
        known.add(name)
    new = "".join(f"{name} {questions[name]}\n" for name in sorted(set(questions) - known))
    return text + new, problems
