"""The writing assistant is asked: what would be sent, the call itself, and the proposal that is kept.

Nothing leaves the desk but by `propose`, `try_out` and the transcripts of sources, each after a click.
"""

from __future__ import annotations

import asyncio
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.clients import access
from niva.domains.editorial.assisting import LONGEST_ASKED, LONGEST_PROPOSED, Proposal, Wish
from niva.domains.editorial.services import assistant
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Post
from niva.flows.talk import inner_hosts
from niva.kit import openai_like
from niva.kit.openai_like import Service, ServiceFailed, Written

# What each wish asks for, in the asking person's language; the answer comes in the language of the text.
ASKS: Final = {
    Wish.HOOKS: gettext_lazy("Propose five first lines for this post, each on a line of its own."),
    Wish.SHORTER: gettext_lazy("Make this post half as long. Keep its facts, figures and links."),
    Wish.TONE: gettext_lazy("Write this post in another tone: calm, warm, without bureaucratic words."),
    Wish.HEADLINE: gettext_lazy("Propose five headlines for this post, each on a line of its own."),
    Wish.CALL: gettext_lazy("Propose five calls to action for the end of this post, one a line."),
    Wish.FROM_FRAGMENT: gettext_lazy("Write a post from this fragment. One thought, short sentences."),
}
RULES: Final = gettext_lazy(
    "Invent no facts, names or figures. Answer in the language of the text, with the text alone."
)
_TRY: Final = gettext_lazy("Answer with one word: here.")
TRY_SECONDS: Final = 30.0


def is_ready(actor: Actor) -> bool:
    """Whether texts may be asked for in this workspace."""
    row = assistant.assistant_of(actor)
    return row is not None and row.is_on and bool(row.model)


def what_is_sent(post_text: str, wish: str, fragment: str = "") -> str:
    """The words that a click would send: rules, the wish, and the text it is about. To be shown before."""
    about = fragment if wish == Wish.FROM_FRAGMENT else post_text
    return f"{ASKS[Wish(wish)]} {RULES}\n\n{about.strip()}"[:LONGEST_ASKED]


def speech(actor: Actor) -> tuple[Service, str] | None:
    """The service and the model that turn speech into text; None when the owner has not switched one on.

    Raises Invalid when the key cannot be opened.
    """
    row = assistant.assistant_of(actor)
    if row is None or not row.is_on or not row.speech_model:
        return None
    return assistant.service_of(row, inner_hosts()), row.speech_model


def try_out(actor: Actor) -> Written:
    """One short question to the service as it is set up. Raises Forbidden, Invalid, ServiceFailed."""
    assistant.demand_owner(actor)
    row = assistant.assistant_of(actor)
    if row is None or not row.base or not row.model:
        raise Invalid.one("", _("Give an address and a model for texts, save them, then try."))
    service = assistant.service_of(row, inner_hosts())
    asked = [("user", str(_TRY))]
    written = asyncio.run(openai_like.chat(service, model=row.model, messages=asked, seconds=TRY_SECONDS))
    record(actor, "assistant.tried", row, model=written.model)
    return written


def propose(actor: Actor, *, post_id: int, wish: str, asked: str) -> Proposal:
    """Send exactly `asked`, keep what comes back as a proposal that nobody has accepted.

    Raises NotFound, Forbidden, Invalid, ServiceFailed. No transaction is open while the service thinks.
    """
    post = access.get(actor, Post.objects.filter(deleted_at__isnull=True), post_id, can="write")
    row = assistant.assistant_of(actor)
    if row is None or not row.is_on or not row.model:
        raise Invalid.one("", _("The assistant is off. The owner of the workspace switches it on."))
    if wish not in Wish.values:
        raise Invalid.one("wish", _("Choose what to ask for."))
    asked = asked.replace("\x00", "").replace("\r\n", "\n").strip()
    if not asked:
        raise Invalid.one("asked", _("There is nothing to send."))
    if len(asked) > LONGEST_ASKED:
        raise Invalid.one(
            "asked", _("At most %(most)d characters are sent at once.") % {"most": LONGEST_ASKED}
        )
    service = assistant.service_of(row, inner_hosts())
    written = asyncio.run(openai_like.chat(service, model=row.model, messages=[("user", asked)]))
    if len(written.text) > LONGEST_PROPOSED:
        raise ServiceFailed("too_large")
    with transaction.atomic():
        proposal = Proposal.objects.create(
            workspace=actor.workspace,
            client=post.client,
            post=post,
            wish=wish,
            asked=asked,
            asked_by=actor.user,
            model=written.model[:120],
            text=written.text.replace("\x00", ""),
            cut=written.cut,
        )
        record(actor, "proposal.written", proposal, wish=wish, model=proposal.model, characters=len(asked))
    return proposal
