"""What the desk has to tell: the list, opening one, and the ways by which it leaves the desk."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.notices import services
from niva.domains.notices.models import DeskBot
from niva.domains.people.models import WorkspaceRole
from niva.flows import messenger
from niva.networks.base.errors import NeedsLogin, NetworkError
from niva.web.clients.listing import actor_of
from niva.web.notices.forms import BotForm, WaysForm
from niva.web.notices.reading import read_lines
from niva.web.people.doors import limited, signed_in

A_PAGE: Final = 50


@never_cache
@signed_in
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """All of one's own, the newest first."""
    actor = actor_of(request)
    rows = services.mine(actor).select_related("client")
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": read_lines(page.object_list),
        "unread": services.mine(actor).filter(read_at__isnull=True).count(),
        "until": timezone.now().isoformat(),
    }
    return render(request, "notices/notices.html", context)


@signed_in
@require_POST
def go(request: HttpRequest, pk: int) -> HttpResponse:
    """Read, and on to where it is settled. A POST: looking at a link ahead must not read it."""
    notice = services.read(actor_of(request), notice_id=pk)
    safe = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None) and notice.url.startswith("/")
    return redirect(notice.url if safe else "notices")


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """All that stood on the page is read; what came meanwhile stays new."""
    until = parse_datetime(request.POST.get("until", "")) or timezone.now()
    if timezone.is_naive(until):
        until = timezone.make_aware(until)
    services.read_all(actor_of(request), until=until)
    return redirect("notices")


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def ways(request: HttpRequest) -> HttpResponse:
    """How one is told."""
    actor = actor_of(request)
    if request.method != "POST":
        return _ways_page(request)
    form = WaysForm(request.POST, instance=services.ways_of(actor))
    if not form.is_valid():
        return _ways_page(request, form=form, status=422)
    services.change_ways(actor, values=form.cleaned_data)
    messages.success(request, _("Your choice is kept."))
    return redirect("notice_ways")


def _ways_page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    actor = actor_of(request)
    chosen = services.ways_of(actor)
    bot = DeskBot.objects.filter(workspace=actor.workspace).first()
    context = {
        "form": WaysForm(instance=chosen),
        "ways": chosen,
        "bot": bot,
        "bot_form": BotForm(),
        "may_keep_bot": actor.role == WorkspaceRole.OWNER,
        "mail_works": settings.MAIL_WORKS,
        **more,
    }
    return render(request, "notices/ways.html", context, status=status)


@never_cache
@signed_in
@limited("messenger")
@require_POST
def chat(request: HttpRequest) -> HttpResponse:
    """Connecting one's Telegram: a link with a code first, then «I have pressed Start», or no more of it."""
    actor = actor_of(request)
    bot = DeskBot.objects.filter(workspace=actor.workspace).first()
    if request.POST.get("do") == "forget":
        services.forget_chat(actor)
        return redirect("notice_ways")
    if bot is None:
        return redirect("notice_ways")
    if request.POST.get("do") == "code":
        code = services.new_code(actor)
        request.session["bot_code"] = code
        return _ways_page(request, link=f"https://t.me/{bot.username}?start={code}")
    return _look_for_code(request, bot)


def _look_for_code(request: HttpRequest, bot: DeskBot) -> HttpResponse:
    actor, code = actor_of(request), request.session.get("bot_code", "")
    try:
        started = messenger.who_started(bot)
    except NetworkError:
        messages.error(request, _("Telegram does not answer the desk. Try again in a minute."))
        return redirect("notice_ways")
    for one in started:
        if one.code == code and services.connect_chat(actor, code=one.code, chat=one.chat, name=one.name):
            request.session.pop("bot_code", None)
            messages.success(request, _("Telegram is connected: digests come there from now on."))
            return redirect("notice_ways")
    link = f"https://t.me/{bot.username}?start={code}"
    sentence = _("The bot has not seen your Start yet. Open the link, press Start, then press here again.")
    return _ways_page(request, link=link, link_error=sentence, status=422)


@never_cache
@signed_in
@limited("messenger")
@require_POST
def bot(request: HttpRequest) -> HttpResponse:
    """The owner gives the workspace a bot, or takes it away. The token is tried before it is kept."""
    actor = actor_of(request)
    if request.POST.get("do") == "forget":
        services.forget_bot(actor)
        return redirect("notice_ways")
    form = BotForm(request.POST)
    if form.is_valid():
        token = form.cleaned_data["token"].strip()
        try:
            username = messenger.try_token(token)
        except NeedsLogin:
            form.add_error(
                "token", _("Telegram does not know this token. Copy it from @BotFather once more.")
            )
        except NetworkError:
            form.add_error("token", _("Telegram does not answer the desk. Try again in a minute."))
        else:
            services.keep_bot(actor, token=token, username=username)
            messages.success(request, _("The bot is kept. Everybody may connect his Telegram now."))
            return redirect("notice_ways")
    return _ways_page(request, bot_form=form, status=422)
