"""Names after an @ in what people write. A name that nobody here has stays a word like any other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Person(NamedTuple):
    pk: int
    name: str


class Mention(NamedTuple):
    """[start, end) of the text, the @ included, is this person."""

    start: int
    end: int
    pk: int


def mentions(text: str, people: Iterable[Person]) -> list[Mention]:
    """Who is called, in the order of the text. Whole names first; a first name alone where only one has it.

    The @ stands at the beginning of a word (an e-mail address calls nobody), letters' case does not matter.
    """
    names = _names(people)
    # Casefolding must not move letters ("ß" becomes two), so only what keeps the length is compared.
    low = "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
    return list(_in(low, sorted(names.items(), key=lambda pair: -len(pair[0]))))


def _in(low: str, names: list[tuple[str, int]]) -> Iterator[Mention]:
    at = low.find("@")
    while at >= 0:
        begins = at == 0 or not (low[at - 1].isalnum() or low[at - 1] in "._-")
        found = next((pair for pair in names if begins and _stands(low, at + 1, pair[0])), None)
        if found is not None:
            end = at + 1 + len(found[0])
            yield Mention(at, end, found[1])
            at = low.find("@", end)
        else:
            at = low.find("@", at + 1)


def _stands(low: str, place: int, name: str) -> bool:
    end = place + len(name)
    return low.startswith(name, place) and (end == len(low) or not (low[end].isalnum() or low[end] == "_"))


def _names(people: Iterable[Person]) -> dict[str, int]:
    """What each may be called by. A name that two people have calls nobody: it could be the wrong one."""
    called: dict[str, set[int]] = {}
    for person in people:
        whole = person.name.lower().strip()
        for name in {whole, whole.split(" ")[0]} - {""}:
            called.setdefault(name, set()).add(person.pk)
    return {name: next(iter(who)) for name, who in called.items() if len(who) == 1}
