"""Search over everything that a person may see: one question, one query for each kind of thing.

A domain's rows become findable by one more line of KINDS: which rows (through the one door), what stands in
the title and in the body, where a click leads. Large tables keep their words in a stored column with an index
(`stored`, see `kit/full_text.py`); of small ones they are counted while they are looked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.contrib.postgres.search import SearchRank
from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, Left, NullIf

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.editorial.models import Piece
from niva.domains.editorial.tasking import Task
from niva.domains.people.actor import Actor
from niva.domains.publishing.approving import Remark
from niva.domains.publishing.models import Post
from niva.domains.sources.models import Fragment, Source
from niva.domains.strategy.grounds import Message, Proof, Segment
from niva.domains.strategy.models import Rubric
from niva.kit import full_text

# Of one kind so many of the newest that fit are ranked: a word that stands everywhere ranks nothing.
MOST_RANKED: Final = 1000
PER_KIND: Final = 5
PER_PAGE: Final = 25
MOST_PAGES: Final = 20
LONGEST_BODY: Final = 20_000  # characters of a text in which the stretch to be shown is looked for


@dataclass(frozen=True, slots=True)
class Searchable:
    """One kind of thing. `title`, `body`: fields; `page`: URL name, `number`: the field it takes.

    `rows`: those that the person may see. `stored`: the table that has a column of words, else they are
    counted from title and body. `also`: (table, column) of further words that make a row of that number fit.
    """

    kind: str
    rows: Callable[[Actor], QuerySet[Any]]
    title: str
    body: tuple[str | Func, ...]
    page: str
    number: str = "pk"
    stored: str = ""
    client: str = "client__name"
    also: tuple[tuple[str, str], ...] = ()


class Hit(NamedTuple):
    """Something found. `title` and `snippet` have the found words between `full_text.BEGIN` and `END`."""

    page: str
    number: int
    client: str
    title: str
    snippet: str


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of one kind, the best first; `more`: there are further ones."""

    kind: str
    hits: list[Hit]
    more: bool


class _Answers(Func):
    """What a JSON object says, without the names of its fields and its quotes."""

    template = "(SELECT string_agg(value, ' · ') FROM jsonb_each_text(%(expressions)s))"
    output_field = TextField()


def _work(rows: QuerySet[Any]) -> Callable[[Actor], QuerySet[Any]]:
    return lambda actor: access.visible(actor, rows, can="work")


def _see(rows: QuerySet[Any]) -> Callable[[Actor], QuerySet[Any]]:
    return lambda actor: access.visible(actor, rows)


def _remarks(actor: Actor) -> QuerySet[Remark]:
    """What is said among ourselves is for those who work there; the rest for the client, too."""
    rows = Remark.objects.filter(post__deleted_at__isnull=True)
    inside = access.visible(actor, rows.filter(inside=True), can="work")
    return inside | access.visible(actor, rows.filter(inside=False))


_ALIVE: Final = {"archived_at__isnull": True}
KINDS: Final[tuple[Searchable, ...]] = (
    Searchable(
        "post", _see(Post.objects.filter(deleted_at__isnull=True)), "title", ("text",), "post_show",
        stored="publishing_post", also=(("publishing_variant", "post_id"),),
    ),
    Searchable(
        "piece", _work(Piece.objects.filter(post__deleted_at__isnull=True)), "post__title",
        ("key_message", "hook", "audience", "call", "origin"), "piece", stored="editorial_piece",
    ),
    Searchable("remark", _remarks, "post__title", ("text",), "post_show", "post_id", "publishing_remark"),
    Searchable("task", _work(Task.objects.all()), "title", (_Answers("brief"),), "task"),
    Searchable(
        "source", _work(Source.objects.all()), "title", ("people", "text", "transcript"), "source",
        stored="sources_source",
    ),
    Searchable("fragment", _work(Fragment.objects.all()), "theme", ("quote",), "source", "source_id"),
    Searchable(
        "client", _see(Client.objects.filter(**_ALIVE)), "name", ("about",), "client", client="name"
    ),
    Searchable("community", _see(Community.objects.filter(**_ALIVE)), "name", ("url",), "community"),
    Searchable("rubric", _see(Rubric.objects.filter(**_ALIVE)), "name", (), "client", "client_id"),
    Searchable(
        "segment", _work(Segment.objects.filter(**_ALIVE)), "who", ("fears", "asks"), "strategy", "client_id"
    ),
    Searchable("message", _work(Message.objects.filter(**_ALIVE)), "text", (), "strategy", "client_id"),
    Searchable(
        "proof", _work(Proof.objects.filter(**_ALIVE)), "claim", ("figure", "source"), "strategy", "client_id"
    ),
)  # fmt: skip
KIND_NAMES: Final = tuple(one.kind for one in KINDS)


def find(actor: Actor, text: str, *, kind: str = "", page: int = 1) -> list[Found]:
    """What answers the question, by kind; with `kind` a page of PER_PAGE of that one alone.

    One query to read the question and one for each kind. Empty kinds are left out.
    """
    question = full_text.query_of(text)
    if not question:
        return []
    if kind:
        first = (min(max(page, 1), MOST_PAGES) - 1) * PER_PAGE
        found = [_of(actor, one, question, first, PER_PAGE) for one in KINDS if one.kind == kind]
    else:
        found = [_of(actor, one, question, 0, PER_KIND) for one in KINDS]
    return [one for one in found if one.hits]


def _of(actor: Actor, what: Searchable, question: str, first: int, most: int) -> Found:
    ready = full_text.Ready(question)
    rows = what.rows(actor)
    if what.stored:
        fitting = rows.filter(pk__in=full_text.saying(question, (what.stored, "id"), *what.also))
        words: Any = full_text.Stored()
    else:
        words = full_text.computed(what.title, *what.body)
        fitting = rows.alias(found=words).filter(found=ready)
    newest = fitting.order_by("-pk").values("pk")[:MOST_RANKED]
    ranked = rows.model._default_manager.filter(pk__in=newest).alias(rank=SearchRank(words, ready))
    shown = ranked.annotate(
        title_shown=full_text.whole(_title(what), question),
        snippet=full_text.Snippet(_body(what), question) if what.body else Value(""),
    ).order_by("-rank", "-pk")
    fields = (what.number, what.client, "title_shown", "snippet")
    hits = [Hit(what.page, *row) for row in shown.values_list(*fields)[first : first + most + 1]]
    return Found(what.kind, hits[:most], len(hits) > most)


def _title(what: Searchable) -> Any:
    """The title; of a post without one its beginning."""
    first = NullIf(Left(Cast(F(what.title), TextField()), 300), Value(""))
    prefix = what.title.rpartition("__")[0]
    if what.title.rpartition("__")[2] == "title" and what.kind in ("post", "piece", "remark"):
        text = f"{prefix}__text" if prefix else "text"
        return Coalesce(first, Left(F(text), 80), Value(""), output_field=TextField())
    return Coalesce(first, Value(""), output_field=TextField())


def _body(what: Searchable) -> Any:
    parts = [
        Coalesce(Cast(full_text.source(one), TextField()), Value(""), output_field=TextField())
        for one in what.body
    ]
    joined: Any = parts[0]
    for part in parts[1:]:
        joined = Concat(joined, Value(" "), part, output_field=TextField())
    return Left(joined, LONGEST_BODY)
