"""The story of a delivery as a layman reads it: what happened when, from the rows of its attempts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from niva.domains.publishing.models import Attempt, Delivery, Publication
from niva.domains.publishing.states import BY_HAND, NOT_BY_HAND, Outcome, State
from niva.networks.base.thread import number_of
from niva.web.looks import network_name
from niva.words import describe


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the time line, in the shape that `parts/tries.html` takes."""

    at: datetime | None
    text: str
    state: str = ""
    url: str = ""
    link: str = ""
    now: bool = False


def story_of(delivery: Delivery) -> list[Moment]:
    """Everything that happened to one delivery, oldest first; the last line is where it stands."""
    moments = [Moment(delivery.created_at, _("put into the plan"))]
    for attempt in delivery.attempts.all():
        moments += _attempt(attempt)
    publication = getattr(delivery, "publication", None)
    if publication is not None:
        moments += _publication(publication)
    moments.append(_now(delivery, publication))
    return moments


def _attempt(attempt: Attempt) -> Iterator[Moment]:
    done = {
        "upload": _("file handed over"),
        "create": _("the network took the post"),
        "comment": _("first comment written"),
        "playlist": _("put into the playlist"),
        "cover": _("cover set"),
    }
    if attempt.code == BY_HAND:
        yield Moment(attempt.finished_at, _("a person published it by hand"))
        return
    kind = attempt.step.partition(":")[0]
    if (part := number_of(attempt.step)) is not None:
        done[kind] = _("the network took post %(n)s of the chain") % {"n": part}
    yield Moment(attempt.started_at, _begun(kind, attempt.number))
    at = attempt.finished_at
    match attempt.outcome:
        case Outcome.DONE:
            said = attempt.code == "said_by_person"
            yield Moment(at, _("a person saw it in the network") if said else done.get(kind, _("done")))
        case Outcome.OPEN:
            pass
        case Outcome.ABSENT:
            yield Moment(at, _("looked in the network: it is not there"))
        case Outcome.UNKNOWN:
            # Only what happened: what comes next depends on the network, and the last moment tells it.
            text = describe(attempt.code or "no_answer", {"detail": attempt.detail}).what
            yield Moment(at, text, "unknown")
            if attempt.looks:
                yield Moment(None, _("looked in the network %(n)s times") % {"n": attempt.looks})
        case _:
            state = {Outcome.TEMPORARY: "waiting", Outcome.LIMITED: "waiting"}.get(
                Outcome(attempt.outcome), "rejected"
            )
            yield Moment(at, str(describe(attempt.code, {"detail": attempt.detail})), state)


def _begun(kind: str, number: int) -> str:
    if number == 1 and (part := number_of(kind)) is not None:
        return _("sending post %(n)s of the chain") % {"n": part}
    if number > 1:
        return _("sent once more, try %(n)s") % {"n": number}
    return {
        "upload": _("handing over a file"),
        "create": _("sent"),
        "comment": _("writing the first comment"),
        "playlist": _("putting it into the playlist"),
        "cover": _("setting the cover"),
    }.get(kind, kind)


def _publication(publication: Publication) -> Iterator[Moment]:
    url, link = publication.url, _("open in the network") if publication.url else ""
    match publication.sight:
        case Publication.Sight.ALIVE:
            yield Moment(publication.seen_at, _("looked in the network: it is there"), url=url, link=link)
        case Publication.Sight.CHANGED:
            yield Moment(
                publication.seen_at,
                _("it is there, but reads otherwise than sent"),
                "waiting",
                url=url,
                link=link,
            )
        case Publication.Sight.UNTOLD:
            yield Moment(
                None, _("this network does not let the desk look; open it yourself"), url=url, link=link
            )
        case Publication.Sight.REMOVED:
            who = _("taken down from here") if publication.removed_by_us else _("it is not there any more")
            yield Moment(publication.removed_at, who)
        case _:
            yield Moment(None, _("not looked at yet"), url=url, link=link)
    if publication.edited_at:
        yield Moment(publication.edited_at, _("changed in the network"))


def _now(delivery: Delivery, publication: Publication | None) -> Moment:
    """Where it stands and what comes next."""
    network = network_name(delivery.community.network)
    sentence = (
        describe(delivery.code, {"detail": delivery.detail, "network": network}) if delivery.code else ""
    )
    text = {
        State.QUEUED: _("waits for its hour"),
        State.SENDING: _("is being sent"),
        State.ACCEPTED: _("sent, being looked at"),
        State.PUBLISHED: _("out") if not delivery.code else str(sentence),
        State.WAITING: _("%(why)s It will be tried again by itself.") % {"why": sentence},
        State.UNKNOWN: _("It is being looked for.")
        if delivery.wake_at
        else _("Nobody but you can tell: look in the network, then press one of the two buttons."),
        State.CANCELLED: str(sentence) if delivery.code == NOT_BY_HAND else _("cancelled, will not go out"),
        State.REMOVED: _("no longer in the network"),
    }.get(State(delivery.state), str(sentence))
    when = {State.QUEUED: delivery.due_at, State.WAITING: delivery.wake_at, State.UNKNOWN: delivery.wake_at}
    return Moment(when.get(State(delivery.state)), text, delivery.state, now=True)
