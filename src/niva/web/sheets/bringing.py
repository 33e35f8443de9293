"""A plan comes in: the file, its columns, the check, yes; progress while the desk works; undo."""

from __future__ import annotations

import contextlib
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.clients import access
from niva.domains.editorial.planning import ImportState, PlanImport, PlanRow, Verdict
from niva.domains.people.errors import Invalid
from niva.flows import plan_columns, plan_in, plan_out
from niva.kit.sheets import LARGEST
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.sheets import words
from niva.web.sheets.forms import FileForm, MappingForm
from niva.web.sheets.places import client_of, frame

SHOWN: Final = 50  # rows on a page
EXAMPLES: Final = 3  # of a column, beside its choice
LISTED: Final = 20  # imports of the past
STUCK: Final = 90  # seconds without any progress, after which one may start the work again


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Choose a file; the imports of the past below."""
    actor = actor_of(request)
    client, clients = client_of(request, actor, can="edit")
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            too_large = file.size > LARGEST
            data = b"x" * (LARGEST + 1) if too_large else file.read()
            plan = plan_in.upload(actor, client_id=client.pk, name=file.name, data=data)
        except Invalid as error:
            show(form, error)
        else:
            return redirect("plan_import_show", plan.pk)
    rows = access.visible(actor, PlanImport.objects.filter(client=client)).defer("file", "table")
    context = {
        **frame(actor, client, clients, "plan_import"),
        "form": form,
        "imports": rows.select_related("created_by")[:LISTED],
    }
    return render(request, "sheets/import.html", context, status=422 if form.errors else 200)


@signed_in
@require_safe
def page(request: HttpRequest, import_id: int) -> HttpResponse:
    """Where the import stands; only the part that moves, for htmx."""
    actor = actor_of(request)
    plan = plan_in.find(actor, import_id)
    part = bool(request.headers.get("HX-Request")) and plan.state in plan_in.AT_WORK
    context = _context(request, plan)
    if part:
        return render(request, "sheets/progress.html", context)
    answer = render(request, "sheets/import_page.html", context)
    if request.headers.get("HX-Request"):  # the work is done: the whole page changes
        answer["HX-Refresh"] = "true"
    return answer


def _context(request: HttpRequest, plan: PlanImport, form: MappingForm | None = None) -> dict[str, Any]:
    actor = actor_of(request)
    context = {**frame(actor, plan.client, (), "plan_import"), "plan": plan}
    if plan.state in plan_in.AT_WORK:
        quiet = (timezone.now() - plan.created_at).total_seconds() > STUCK
        return {**context, "doing": words.DOING[plan.state], "stuck": quiet}
    if plan.state == ImportState.FAILED:
        return {**context, "why": words.FAILED.get(plan.code, words.FAILED["broken"])}
    if plan.state == ImportState.MAPPING or form is not None:
        return {**context, **_mapping(plan, form)}
    return {**context, **_rows(request, plan)}


def _mapping(plan: PlanImport, form: MappingForm | None) -> dict[str, Any]:
    rows = plan_in.table(plan)
    body = plan_in.body(plan, rows)
    form = form or _form(plan, rows)
    examples = [
        [
            cell
            for _line, cells in body[:30]
            if place < len(cells) and (cell := plan_columns.texts(cells)[place])
        ]
        for place in range(form.width)
    ]
    columns = [
        (form[f"column_{place}"], head, examples[place][:EXAMPLES])
        for place, head in enumerate(_heads(plan, rows))
    ]
    others = [name for name in ("day_first", "stage", "lenient", "rubrics") if name in form.fields]
    return {"form": form, "columns": columns, "others": [form[name] for name in others], "count": len(body)}


def _form(plan: PlanImport, rows: Any, posted: Any = None) -> MappingForm:
    heads = _heads(plan, rows)
    initial: dict[str, Any] = {f"column_{place}": code for place, code in plan.mapping.items()}
    initial |= {name: plan.choices.get(name, False) for name in ("lenient", "rubrics")}
    initial |= {"stage": plan.choices.get("stage"), "day_first": "1" if plan.choices.get("day_first") else ""}
    stages = plan_in.stages_for_new(plan.client)
    asks = bool(plan.choices.get("asks_order"))
    return MappingForm(posted, initial=initial, heads=heads, stages=stages, asks_order=asks)


def _heads(plan: PlanImport, rows: Any) -> list[str]:
    """A name for every column that has anything in it: its head, else its letter."""
    heads = plan_in.heads(plan, rows)
    width = max((len(cells) for _line, cells in rows), default=0)
    heads += [""] * (width - len(heads))
    return [head or _("Column %(letter)s") % {"letter": letter(place)} for place, head in enumerate(heads)]


def letter(place: int) -> str:
    """The column as a workbook calls it: A, B, ... AA."""
    first, last = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


def _rows(request: HttpRequest, plan: PlanImport) -> dict[str, Any]:
    """The rows of the check by what becomes of them, the bad ones first."""
    wanted = request.GET.get("show", "")
    order = (Verdict.REFUSED, Verdict.CHANGED, Verdict.NEW, Verdict.SAME)
    if wanted not in Verdict.values:
        wanted = next((one for one in order if plan.counts.get(one)), Verdict.NEW)
    rows = PlanRow.objects.filter(plan=plan, verdict=wanted)
    page = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    return {
        "tabs_of": [(one, one.label, plan.counts.get(one, 0), one == wanted) for one in order],
        "wanted": wanted,
        "page": page,
        "lines": [_line(row) for row in page],
        "writes": plan.counts.get(Verdict.NEW, 0) + plan.counts.get(Verdict.CHANGED, 0),
        "ignored": _ignored(plan),
        "flawed": PlanRow.objects.filter(plan=plan).exclude(wrong=[]).count(),
        "kept": PlanRow.objects.filter(plan=plan, version__gt=0).count() if plan.undone_at else 0,
    }


def _line(row: PlanRow) -> dict[str, Any]:
    values = row.values
    when = " ".join(part for part in (_day(values.get("day", "")), values.get("time", "")) if part)
    return {
        "row": row,
        "when": when,
        "title": values.get("title")
        or values.get("text", "")[:80]
        or " · ".join(filter(None, row.cells))[:80],
        "wrong": [words.wrong(bad) for bad in row.wrong],
        "changes": [words.name_of(name) for name in values.get("changes", ())],
    }


def _day(iso: str) -> str:
    return ".".join(reversed(iso.split("-")))


def _ignored(plan: PlanImport) -> list[str]:
    heads = plan.choices.get("heads", {})
    return [head for head, code in heads.items() if not code and head]


@signed_in
@require_POST
def choose_sheet(request: HttpRequest, import_id: int) -> HttpResponse:
    """Another sheet of the workbook, or another line of heads."""
    actor = actor_of(request)
    sheet, head = (request.POST.get(name, "") for name in ("sheet", "head"))
    with contextlib.suppress(Invalid):  # the page shows what there is
        plan_in.choose_sheet(
            actor, plan_id=import_id, sheet=int(sheet) if sheet.isdecimal() and len(sheet) < 10 else -1,
            head=int(head) if head.isdecimal() and len(head) < 10 else None,
        )  # fmt: skip
    return redirect("plan_import_show", import_id)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: HttpRequest, import_id: int) -> HttpResponse:
    """Which column is what; then the rows are checked."""
    actor = actor_of(request)
    plan = plan_in.find(actor, import_id)
    if plan.state not in (ImportState.MAPPING, ImportState.READY):
        return redirect("plan_import_show", import_id)
    rows = plan_in.table(plan)
    form = _form(plan, rows, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            plan_in.check(
                actor, plan_id=import_id, mapping=form.mapping(), stage_id=form.cleaned_data["stage"],
                **form.choices(),
            )  # fmt: skip
        except Invalid as error:
            show(form, error)
        else:
            return redirect("plan_import_show", import_id)
    context = {**_context(request, plan, form), "again": True}
    return render(request, "sheets/import_page.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def act(request: HttpRequest, import_id: int, doing: str) -> HttpResponse:
    """Yes; undo; drop; go on with work that stands still."""
    actor = actor_of(request)
    plan_in.find(actor, import_id)
    if doing == "yes":
        with contextlib.suppress(Invalid):  # nothing to write: the page says so and has no button for it
            plan_in.say_yes(actor, plan_id=import_id)
    elif doing == "undo":
        plan_in.take_back(actor, plan_id=import_id)
    elif doing == "drop":
        client = plan_in.drop(actor, plan_id=import_id)
        answer = redirect("plan_import")
        answer["Location"] += f"?client={client.pk}"
        return answer
    elif doing == "again":
        plan_in.go_on(actor, plan_id=import_id)
    return redirect("plan_import_show", import_id)


@signed_in
@require_safe
def wrong(request: HttpRequest, import_id: int) -> HttpResponse:
    """The rows that have something wrong, as they stood in the file, with a column that says what."""
    plan = plan_in.find(actor_of(request), import_id)
    rows = [
        (row.line, row.cells, "\n".join(map(words.wrong, row.wrong)))
        for row in PlanRow.objects.filter(plan=plan).exclude(wrong=[])
    ]
    named = _heads(plan, plan_in.table(plan))
    data = plan_out.wrong_rows(named, rows, sheet=_("To mend"), line=_("Row"), what=_("What is wrong"))
    return plan_file(data, f"wrong-rows-{plan.pk}.xlsx")


def plan_file(data: bytes, name: str) -> HttpResponse:
    """A workbook or CSV to be kept by the browser."""
    mime = "text/csv; charset=utf-8"
    if name.endswith(".xlsx"):
        mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(data, content_type=mime)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
