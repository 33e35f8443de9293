"""The pages of docs/reference that the code writes itself: one function a page, Markdown out.

Words for people are taken in both languages from where the interface takes them. Nothing here depends on
the machine, the day or the version of Python, so that a page differs only when the code does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import docs_access
from docs_checklists import checklists
from docs_sources import CODE, commands_of, comments_of, parser, variables_described

GROUPS: Final = {
    "desk": "The desk on one machine",
    "server": "A real server",
    "secrets": "Secrets",
    "networks": "Networks",
    "system": "Of the system",
    "developers": "For developers and tests",
}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; bars and line ends inside cells are made harmless."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).replace("\u00a0", " ").replace("\u202f", " ").split()).replace("|", "\\|")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """The interface in one language."""
    from django.utils import translation

    with translation.override(language):
        yield


def said(text: Any, language: str) -> str:
    """A lazy or plain string in that language."""
    with speaking(language):
        return str(text)


# Settings ------------------------------------------------------------------------------------------------


def settings() -> str:
    described = variables_described()
    parts = [
        "# Settings",
        "Everything that differs between machines comes from the environment. None is needed to begin.",
    ]
    for group, title in GROUPS.items():
        rows = [
            (f"`{name}`", one["default"], one["does"])
            for name, one in described.items()
            if one["group"] == group
        ]
        parts += [f"## {title}", table(("variable", "without it", "what it does"), rows)]
    return "\n\n".join(parts)


# Commands ------------------------------------------------------------------------------------------------


def commands() -> str:
    parts = [
        "# Commands of `niva`",
        "In a clone the program is `.venv/bin/niva`, and `python -m niva` is the same. "
        "The command line speaks Russian when the terminal does (`LANG=ru_RU.UTF-8`).",
    ]
    for name, (line, one) in commands_of(parser()).items():
        parts += [f"## niva {name}", line[:1].upper() + line[1:] + "."]
        below = commands_of(one)
        rows = [(f"`{name} {verb}{_usage(sub)}`", words) for verb, (words, sub) in below.items()]
        if rows:
            parts.append(table(("command", "what it does"), rows))
        options = [(f"`{spelt}`", words) for spelt, words in _options(one)]
        options += [
            (f"`{verb} … {spelt}`", words)
            for verb, (_, sub) in below.items()
            for spelt, words in _options(sub)
            if spelt.startswith("-")
        ]
        if options:
            parts.append(table(("argument", "what it means"), options))
    return "\n\n".join(parts)


def _options(one: argparse.ArgumentParser) -> list[tuple[str, str]]:
    found = []
    for action in one._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        value = "" if action.nargs == 0 else f" {action.dest.upper()}"
        must = " (required)" if action.required and action.option_strings else ""
        name = ", ".join(action.option_strings) + value if action.option_strings else action.dest.upper()
        found.append((name, (action.help or "") + must))
    return found


def _usage(one: argparse.ArgumentParser) -> str:
    places = [action.dest.upper() for action in one._actions if not action.option_strings]
    return "".join(f" {place}" for place in places)


# Networks ------------------------------------------------------------------------------------------------

_REASONS: Final = {"not_given": "not given", "by_invitation": "by invitation", "not_done": "**not done**"}


def _ability(manifest: Any, ability: str) -> str:
    return "yes" if ability in manifest.abilities else _REASONS[manifest.absent[ability].why]


def _absent(manifest: Any) -> str:
    """What the network lacks and who says so; those that need no word are in the table above."""
    rows = [
        (f"`{ability}`", _REASONS[missing.why], missing.note, _link(missing.source_url))
        for ability, missing in manifest.absent.items()
    ]
    return table(("absent", "why", "in words", "source"), rows)


def _profile(manifest: Any) -> str:
    told = ", ".join(f"`{name}`" for name in sorted(manifest.reads)) or "nothing"
    changed = ", ".join(f"`{name}`" for name in sorted(manifest.writes)) or "nothing"
    return f"Of the community's settings the API tells {told}, and changes {changed}."


def networks() -> str:
    from niva.networks.base.manifest import ABILITIES
    from niva.networks.base.rates import UNITS
    from niva.networks.registry import all_networks

    known = all_networks()
    rows = [
        (f"`{ability}`", *(_ability(one.manifest, ability) for one in known.values()))
        for ability in ABILITIES
    ]
    parts = [
        "# Networks",
        "What each network lets the desk do, and which key each call wants. "
        "From `src/niva/networks/<name>/manifest.toml`. [How to connect a community](../how-to/connect.md). "
        "The rates are the networks' own words. The desk counts them ahead, in the database, for all workers "
        "together; what a network answers itself wins. A burst goes at once; where it is smaller than the "
        "count, the rest is spread so that no window holds more.",
        "## Abilities",
        "*not given*: the network's public API has no call for it; *by invitation*: only for those whom the "
        "network lets in by name; *not done*: there is a call, and Niva does not use it yet. The reasons "
        "stand with each network below. `make contract` proves every *yes* on a server that keeps to the "
        "network's contract.",
        table(("ability", *(one.manifest.title for one in known.values())), rows),
    ]
    for name, one in known.items():
        said_of = one.manifest
        links = ", ".join(f"<{link}>" if "://" in link else f"`{link}`" for link in said_of.docs)
        rates = [
            (
                f"`{rate.name}`", f"{rate.count} in {rate.seconds:g} s", str(rate.burst), rate.scope,
                ", ".join(f"{unit} {getattr(rate, unit):g}" for unit in UNITS if getattr(rate, unit)),
                "yes" if rate.confirmed else "no", rate.note, f"{_link(rate.source_url)}, {rate.checked_on}",
            )
            for rate in said_of.rates
        ]  # fmt: skip
        parts += [
            f"## {said_of.title}",
            f"API {said_of.api_version}, checked on {said_of.checked_on}: {links}. "
            f"Connected by: {', '.join(said_of.connect)}. "
            f"Rights asked for: {', '.join(f'`{scope}`' for scope in said_of.scopes) or 'none'}. "
            f"Folder: `src/niva/networks/{name}`. How to connect it: "
            f"[English](../../src/niva/networks/{name}/README.md), "
            f"[по-русски](../../src/niva/networks/{name}/README.ru.md).",
            _profile(said_of),
            _absent(said_of),
        ]
        if rates:
            head = ("rate", "at most", "burst", "counted per", "tokens", "confirmed", "note", "source")
            parts.append(table(head, rates))
        if said_of.calls:
            rows = [(f"`{call}`", _key(wanted)) for call, wanted in said_of.calls.items()]
            parts.append(table(("call", "key"), rows))
    return "\n\n".join(parts)


def _link(source: str) -> str:
    """An address to follow; a file's name; nothing."""
    return f"<{source}>" if "://" in source else f"`{source}`" if source else ""


def _key(wanted: str) -> str:
    return "no key" if wanted == "none" else wanted


def limits() -> str:
    from niva.networks.registry import all_networks

    parts = [
        "# Limits of the networks",
        "Every limit the composer checks, with the page it was read on. An unconfirmed one only warns. "
        "From `src/niva/networks/<name>/limits.toml`; what a server tells of itself when a community is "
        "connected (Mastodon, Bluesky) goes before this table.",
    ]
    for network in all_networks().values():
        known = network.limits
        rows = [
            (
                f"`{name}`",
                _value(name, one.value),
                "yes" if one.confirmed else "**no**",
                one.checked_on,
                _source(one.source_url),
                one.note,
            )
            for name, one in known.items.items()
        ]
        parts += [
            f"## {network.manifest.title}",
            f"Text is counted in {known.text_unit}.",
            table(("limit", "value", "confirmed", "checked on", "source", "note"), rows),
        ]
    return "\n\n".join(parts)


def _source(link: str) -> str:
    return f"<{link}>" if "://" in link else f"`{link}`"


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    unit = next((word for end, word in _UNITS if end in name), "")
    return f"{value:,}{unit}"


_UNITS: Final = (("bytes", " bytes"), ("seconds", " s"), ("side", " px"), ("pixels", " px"))


# Delivery ------------------------------------------------------------------------------------------------


def delivery() -> str:
    from niva.domains.publishing.states import ARROWS, FIRES, OUT, STILL_OURS, Outcome, State
    from niva.web.looks import look_of

    told = comments_of(CODE / "domains" / "publishing" / "states.py")
    rows = [
        (
            f"`{state}`",
            said(look_of(state).word, "ru"),
            said(look_of(state).word, "en"),
            told[state],
            ", ".join(
                word
                for word, group in (("out", OUT), ("burns", FIRES), ("may be changed", STILL_OURS))
                if state in group
            ),
            ", ".join(f"`{new}`" for new in State if new in ARROWS[state]) or "nowhere",
        )
        for state in State
    ]
    arrows = [f"    {old} --> {new}" for old in State for new in sorted(ARROWS[old])]
    ends = [f"    {state} --> [*]" for state in State if not ARROWS[state]]
    diagram = ["```mermaid", "stateDiagram-v2", "    [*] --> queued", *arrows, *ends, "```"]
    outcomes = [(f"`{one}`", _PLAIN.get(one) or told.get(one, "")) for one in Outcome]
    return "\n\n".join(
        [
            "# States of a delivery",
            "One delivery is one variant of a post going out to one community. From "
            "`src/niva/domains/publishing/states.py`; why it is so: "
            "[how a post goes out](../explanation/delivery.md).",
            table(("state", "по-русски", "English", "what it means", "kind", "may go to"), rows),
            "## Arrows",
            "A change of state that is not drawn here does not exist.",
            "\n".join(diagram),
            "## How one attempt at one step ends",
            table(("outcome", "what it means"), outcomes),
        ]
    )


_PLAIN: Final = {
    "done": "the network said yes",
    "temporary": "certainly not done, will be tried again",
    "limited": "certainly not done: too often; tried again when the network allows",
    "rejected": "certainly not done and never will be as it stands",
    "needs_login": "certainly not done: the keys ended or lack a right",
    "unknown": "nobody knows whether it was done",
}


def faults() -> str:
    from tests.faults.matrix import COLUMNS, GROUPS, ends

    parts = [
        "# Faults and how they end",
        "What a network or the line to it may do wrong, and what becomes of the post then. Every cell is "
        "played by `tests/faults/test_matrix.py`: the engine itself, a real database, real HTTP to the "
        "practice network's server or to a server that keeps to the network's contract, and between them a "
        "line that breaks where the row says. Cuts are made with a reset and with a plain close by turns. "
        "From `tests/faults/matrix.py`; why it is so: [how a post goes out](../explanation/delivery.md).",
        "In every cell, once a person has done what he is asked: the post is out, and the network holds it "
        "exactly once. The words of the cells are explained [below](#what-the-words-mean).",
        table(("column", "what can be done about an answer that never came"),
              [(one.title, one.ability) for one in COLUMNS]),
    ]  # fmt: skip
    for title, rows in GROUPS.items():
        cells = [
            (row.says, *(end.word if (end := row.ends[one.name]) else "–" for one in COLUMNS)) for row in rows
        ]
        parts += [f"## {title}", table(("fault", *(one.title for one in COLUMNS)), cells)]
    told = [
        (
            end.word, f"`{end.state}`" + (f" `{end.code}`" if end.code else ""), end.posts,
            ", ".join(f"`{one}`" for one in end.tries), end.told, end.asked or "nothing",
        )
        for end in ends()
    ]  # fmt: skip
    head = ("word", "state, code", "posts there", "attempts at it", "what happens", "what a person is asked")
    return "\n\n".join([*parts, "## What the words mean", _MEANT, table(head, told)])


_MEANT: Final = (
    "State, posts and attempts are those at the moment when nothing more happens by itself. Attempts that "
    "ended alike one after another are written once; their words are explained with the "
    "[states of a delivery](delivery.md#how-one-attempt-at-one-step-ends). A dash: this network does not do "
    "such a thing."
)


# People, numbers, codes ----------------------------------------------------------------------------------


def metrics() -> str:
    from niva.domains.metrics.services import COMMUNITY_EVERY, interval
    from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
    from niva.web.clients.words import METRIC_WORDS

    told = comments_of(CODE / "networks" / "base" / "metrics.py")
    rows = [
        (f"`{word}`", of, said(METRIC_WORDS.get(word, ""), "ru"), told.get(word, ""))
        for of, words in (("post", POST_METRICS), ("community", COMMUNITY_METRICS))
        for word in words
    ]
    pace = [
        (_span(age), _span(every) if (every := interval(age)) else "not any more")
        for age in (timedelta(0), *(timedelta(hours=hours) for hours in (2, 24, 7 * 24, 30 * 24, 90 * 24)))
    ]
    return "\n\n".join(
        [
            "# Words for numbers",
            "One word for one thing on every network. From `src/niva/networks/base/metrics.py`. A number "
            "that a network does not give is absent, with the reason: it is never shown as zero.",
            table(("word", "of a", "по-русски", "what is counted"), rows),
            "## How often they are read",
            table(("a post older than", "is read every"), pace),
            f"A community is read every {_span(COMMUNITY_EVERY)}. The practice network lives faster, and is "
            "read more often by as much. How numbers come in: [explanation](../explanation/numbers.md).",
        ]
    )


def _span(time: timedelta) -> str:
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count, rest = divmod(int(time.total_seconds()), size)
        if count and not rest:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "nothing (just out)" if not time else f"{time.total_seconds():g} s"


class _Places(dict[str, object]):
    """Every place of a sentence shows its own name; "n" decides a plural."""

    def __missing__(self, name: str) -> object:
        return 5 if name == "n" else f"‹{name}›"


def codes() -> str:
    from niva.words import DICTIONARY

    rows = [
        (f"`{code}`", *(f"{_sentence(words, language)}" for language in ("ru", "en")))
        for code, words in sorted(DICTIONARY.items())
    ]
    return "\n\n".join(
        [
            "# Codes and what they mean",
            "Networks, limits and deliveries speak in stable codes; people read these sentences. In the "
            "API a code stands in `code`, the sentence beside it. ‹Names› are filled in. A code "
            "without words of its own is shown with the network's answer. From `src/niva/words`.",
            table(("code", "по-русски", "English"), rows),
        ]
    )


def _sentence(words: Any, language: str) -> str:
    with speaking(language):
        places = _Places(n=5)
        return " ".join(str(part % places) for part in (words.what, words.todo) if part)


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "settings.md": settings,
    "commands.md": commands,
    "networks.md": networks,
    "limits.md": limits,
    "delivery.md": delivery,
    "faults.md": faults,
    "roles.md": lambda: docs_access.roles(table, said),
    "operations.md": lambda: docs_access.operations(table),
    "metrics.md": metrics,
    "codes.md": codes,
    "checklists.md": lambda: checklists(table),
}
