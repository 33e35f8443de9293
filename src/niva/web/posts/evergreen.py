"""Whether the queue may use a post again, and on which terms."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Post
from niva.domains.publishing.repeating import Evergreen
from niva.domains.publishing.services import evergreens as service
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


class EvergreenForm(forms.Form):
    rest_days = forms.IntegerField(
        label=gettext_lazy("Rests, days"),
        min_value=service.LEAST_REST,
        max_value=service.MOST_REST,
        initial=service.USUAL_REST,
        help_text=gettext_lazy("On one community it comes again no sooner than this."),
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("For what grows old: prices, seasons. Empty: as long as you keep it."),
    )
    most_times = forms.IntegerField(
        label=gettext_lazy("Times at most"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=gettext_lazy("On one community, the first time counted. Empty: any number."),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def evergreen(request: HttpRequest, post_id: int) -> HttpResponse:
    """The terms, or the end of it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = Post.objects.filter(deleted_at__isnull=True).select_related("client")
    post = access.get(actor, rows, post_id, can="publish")
    kept = Evergreen.objects.filter(post=post).first()
    if request.method == "POST" and request.POST.get("do") == "drop":
        service.drop(actor, post_id=post.pk)
        messages.success(request, _("The queue does not use it again. What is scheduled stays."))
        return redirect("post_edit", post_id=post.pk)
    names = ("rest_days", "valid_until", "most_times")
    initial = {name: getattr(kept, name) for name in names} if kept else {}
    form = EvergreenForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            service.keep(actor, post_id=post.pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(
                request, _("Kept. A press in the queue lays it into free slots when it has rested.")
            )
            return redirect("post_edit", post_id=post.pk)
    context = {"post": post, "form": form, "kept": kept}
    return render(request, "posts/evergreen.html", context, status=422 if form.errors else 200)
