"""Writing a post: begin, save with every pause of the keyboard, look behind the link, schedule, publish."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.clients.queries import clients as clients_of
from niva.domains.communities.models import Community
from niva.domains.communities.queries import networks_of
from niva.domains.editorial.services.follow import move_some
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.publishing import queries
from niva.domains.publishing.models import Asset, Post
from niva.domains.publishing.services import drafts, schedule
from niva.domains.publishing.writing import untouched_draft
from niva.domains.strategy.models import Rubric
from niva.flows import link_card, queue
from niva.kit.local_time import nearest
from niva.kit.net.preview import PreviewFailed
from niva.web.answers import wants_json
from niva.web.people.doors import signed_in
from niva.web.posts import checks
from niva.web.posts.chains import rearrange
from niva.web.posts.conflicts import differences
from niva.web.posts.pages import checked_context, fragments, over_marks, page_context
from niva.web.posts.remarks import remarks_context
from niva.web.posts.typed import Typed, read
from niva.web.templatetags.niva import clock
from niva.web.templatetags.posts import weekday_hour
from niva.words import describe

_LINK_WORDS: Final = {
    "address_bad": gettext_lazy("This does not read as a link. Write it whole: https://…"),
    "address_inside": gettext_lazy("This link leads into an inner network, the desk does not go there."),
    "no_answer": gettext_lazy("The page did not answer in time."),
    "page_refused": gettext_lazy("The page refused to be read."),
    "not_a_page": gettext_lazy("There is a file behind the link, not a page."),
    "too_large": gettext_lazy("The page is too large to be read."),
    "too_many_redirects": gettext_lazy("The link leads from page to page without end."),
}


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@signed_in
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Begin: whose post it is, then straight into the composer.

    An address that is opened twice makes no heap of empty drafts: an untouched one of one's own is taken up.
    """
    actor = actor_of(request)
    access.demand_somewhere(actor, "write")
    community = _community(actor, request.GET.get("community", ""))
    client = community.client if community else _client(actor, request.GET.get("client", ""))
    if client is None:
        rows = [row for row in clients_of(actor) if access.may(actor, "write", client_id=row.pk)]
        if len(rows) != 1:
            return _which_client(request, actor, rows)
        client = rows[0]
    at = _at(request.GET.get("at", ""), client.time_zone)
    chosen = [community.pk] if community else []
    rubric = _rubric(actor, client.pk, request.GET.get("rubric", ""))
    post = untouched_draft(actor, client_id=client.pk)
    if post is None:
        post = drafts.create(
            actor, client_id=client.pk, community_ids=chosen, planned_at=at, rubric_id=rubric
        )
    else:
        every = Community.objects.filter(client=client, archived_at__isnull=True)
        drafts.save(
            actor,
            post_id=post.pk,
            version=post.version,
            fields={"planned_at": at, "rubric_id": rubric},
            communities=chosen or [row.pk for row in every],
        )
    return redirect("post_edit", post_id=post.pk)


def _which_client(request: HttpRequest, actor: Actor, rows: Sequence[Client]) -> HttpResponse:
    networks = networks_of(actor, [row.pk for row in rows])
    choices = [(row, [one.network for one in networks.get(row.pk, [])]) for row in rows]
    at = request.GET.get("at", "")
    return render(request, "posts/new.html", {"choices": choices, "at": at, "may_create": actor.everywhere})


def _client(actor: Actor, number: str) -> Client | None:
    return access.get(actor, Client.objects.all(), number, can="write") if number else None


def _community(actor: Actor, number: str) -> Community | None:
    rows = Community.objects.filter(archived_at__isnull=True).select_related("client")
    return access.get(actor, rows, number, can="write") if number else None


def _rubric(actor: Actor, client_id: int, number: str) -> int | None:
    """The rubric of the slot that is filled. Raises NotFound for another's."""
    rows = Rubric.objects.filter(client_id=client_id)
    return access.get(actor, rows, number, can="write").pk if number else None


def _at(text: str, zone: str) -> datetime | None:
    """The hour that a calendar proposes; one that does not read as an hour is no hour."""
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # a plus of an address that was not escaped
    except ValueError:
        return None
    return at if at.tzinfo else nearest(at.date(), at.time(), zone)


@signed_in
@require_safe
def edit(request: HttpRequest, post_id: int) -> HttpResponse:
    actor = actor_of(request)
    post = queries.post_page(actor, post_id)
    access.demand(actor, "write", client_id=post.client_id)
    return render(request, "posts/edit.html", page_context(actor, post))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest, post_id: int) -> HttpResponse:
    """Keep what was typed and tell what the networks say of it; `do` is what the person pressed.

    JSON for the island (200, 409 with both texts, 422 with sentences at their fields), pages without it.
    """
    if request.method != "POST":
        return redirect("post_edit", post_id=post_id)
    return keep(request, post_id)


def keep(request: HttpRequest, post_id: int, *, file: Asset | None = None) -> HttpResponse:
    """The same with a `file` that came along with the form, put behind the others."""
    actor = actor_of(request)
    bare = _bare(actor, post_id)
    typed = read(request.POST, bare)
    if file is not None:
        typed.media = [*(typed.media or ()), {"asset": file.pk, "alt": file.alt}]
    do = request.POST.get("do", "save")
    chained = rearrange(do, typed, bare)
    try:
        drafts.save(
            actor,
            post_id=post_id,
            version=typed.version,
            fields=typed.fields,
            variants=typed.variants,
            communities=typed.communities,
            media=typed.media,
        )
        if do == "link":
            _look_behind(actor, post_id, typed)
        if do == "queue":
            return _queue(request, actor, post_id)
        if do in ("schedule", "now"):
            return _send(request, actor, post_id, typed, now=do == "now")
    except Conflict as conflict:
        return _both(request, actor, post_id, typed, str(conflict))
    except Invalid as error:
        typed.add(error.errors)
        return _refused(request, actor, post_id, typed)
    return _saved(request, actor, post_id, typed, anew=chained)


def _bare(actor: Actor, post_id: int) -> Post:
    rows = Post.objects.filter(deleted_at__isnull=True).select_related("client")
    return access.get(actor, rows.prefetch_related("variants__community__credential"), post_id, can="write")


def _saved(request: HttpRequest, actor: Actor, post_id: int, typed: Typed, *, anew: bool) -> HttpResponse:
    """`anew`: the page has other parts now."""
    if not wants_json(request):
        if typed.errors:
            return _refused(request, actor, post_id, typed)
        if not anew:
            messages.success(request, _("Saved."))
        return redirect(reverse("post_edit", args=[post_id]) + _panel(typed))
    post = queries.post_page(actor, post_id)
    context = checked_context(post, typed.errors) | remarks_context(actor, post)
    variants = {variant.pk for variant in post.variants.all() if variant.community.archived_at is None}
    answer = {
        "version": post.version,
        "saved": clock(timezone.now()),
        "over": over_marks(context),
        "html": fragments(request, context),
        # Another choice of communities means other tabs: the page is drawn anew, everything is saved.
        "reload": (anew and not typed.errors)
        or (typed.communities is not None and variants != set(typed.variants))
        or _chains_ended(request, typed),
        "at": _panel(typed),
    }
    return JsonResponse(answer)


def _panel(typed: Typed) -> str:
    return "" if typed.opened is None else f"#panel-{typed.opened}"


def _chains_ended(request: HttpRequest, typed: Typed) -> bool:
    """Whether a chain on the page is one post again, because its text is the common one."""
    return any(
        f"thread-{pk}" in request.POST and own.get("own_thread", ()) is None
        for pk, own in typed.variants.items()
    )


def _refused(request: HttpRequest, actor: Actor, post_id: int, typed: Typed) -> HttpResponse:
    """Something cannot be: the sentences at their fields, everything typed still there."""
    post = queries.post_page(actor, post_id)
    context = page_context(actor, post, typed)
    if not wants_json(request):
        return render(request, "posts/edit.html", context, status=422)
    return JsonResponse({"errors": typed.errors, "html": fragments(request, context)}, status=422)


def _both(request: HttpRequest, actor: Actor, post_id: int, typed: Typed, sentence: str) -> HttpResponse:
    post = queries.post_page(actor, post_id)
    both = {
        "sentence": sentence,
        "differences": differences(post, typed),
        "theirs": post.version,
        "post": post,
    }
    if wants_json(request):
        html = {"#conflict": fragment(request, "posts/conflict.html", {"conflict": both})}
        return JsonResponse({"error": sentence, "html": html}, status=409)
    context = page_context(actor, post, typed) | {"conflict": both}
    return render(request, "posts/edit.html", context, status=409)


def fragment(request: HttpRequest, template: str, context: dict[str, Any]) -> str:
    return render(request, template, context).content.decode()


def _look_behind(actor: Actor, post_id: int, typed: Typed) -> None:
    """Read the page of the link. What fails is told at the field and stops nothing."""
    if not typed.fields.get("link_url"):
        typed.add({"link_url": [_("Write the link first.")]})
        return
    try:
        link_card.read(actor, post_id=post_id)
    except PreviewFailed as failed:
        why = _LINK_WORDS.get(failed.code, _LINK_WORDS["page_refused"])
        rest = _("The post goes out all the same, the network may draw its own card.")
        typed.add({"link_url": [f"{why} {rest}"]})


def _send(request: HttpRequest, actor: Actor, post_id: int, typed: Typed, *, now: bool) -> HttpResponse:
    """Schedule or publish what is ready; what stays behind is named with its reasons."""
    at = typed.fields.get("planned_at")
    if not now and typed.errors.get("at"):
        return _refused(request, actor, post_id, typed)
    if not now and at is None:
        raise Invalid.one("at", _("Choose a day and an hour."))
    result = schedule.schedule(actor, post_id=post_id, at=None if now else at)
    move_some(post_id)  # its card stands on the board where the person looks next
    reasons = [_behind(one) for one in result.behind]
    if not result.deliveries:
        raise Invalid.one("form", _("Nothing was scheduled.") + " " + " ".join(reasons))
    count = len(result.deliveries)
    if result.is_held:
        held = ngettext(
            "Held for %(n)s community: publishing is stopped for this client.",
            "Held for %(n)s communities: publishing is stopped for this client.",
            count,
        )
        messages.warning(request, held % {"n": count})
        return redirect("post_show", post_id=post_id)
    words = (
        ngettext("On its way to %(n)s community.", "On its way to %(n)s communities.", count)
        if now
        else ngettext("Scheduled for %(n)s community.", "Scheduled for %(n)s communities.", count)
    )
    messages.success(request, words % {"n": count})
    for reason in reasons:
        messages.warning(request, reason)
    return redirect("post_edit" if reasons else "post_show", post_id=post_id)


def _queue(request: HttpRequest, actor: Actor, post_id: int) -> HttpResponse:
    """Into the next free slot of its rubric, everywhere it still waits for one."""
    result = queue.put(actor, post_id=post_id)
    for delivery in result.deliveries:
        when = weekday_hour(delivery.due_at, delivery.client.time_zone)
        words = _("“%(name)s”: in the queue for %(when)s.") % {"name": delivery.community.name, "when": when}
        messages.success(request, words)
    for checked in result.behind:
        messages.warning(request, _behind(checked))
    for community in result.nowhere:
        words = _("“%(name)s” has no free slot of this rubric in the next eight weeks.")
        messages.warning(request, words % {"name": community.name})
    whole = not result.behind and not result.nowhere
    return redirect("post_show" if whole else "post_edit", post_id=post_id)


def _behind(checked: Any) -> str:
    problem = checked.errors[0]
    name = checks.line_network(checked.variant)
    said = describe(problem.code, {"network": name, **problem.params})
    return _("%(network)s stays behind: %(why)s") % {"network": name, "why": said}
