"""A content plan comes in as a table: read, mapped to our fields, checked without writing, then written.

The long steps are a job that saves how far it is; a worker that died is followed by another one. Nothing of
the plan is written before a person has seen the check and said yes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.editorial.models import Stage
from niva.domains.editorial.planning import ImportState, PlanImport, PlanRow, Verdict
from niva.domains.editorial.services.office import stages_of
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid
from niva.flows import plan_columns, plan_write
from niva.flows.plan_check import Found, Reader
from niva.flows.plan_compare import BY_ITSELF, judge
from niva.kit import sheets
from niva.kit.day_words import order_of
from niva.kit.jobs.django import enqueue

JOB: Final = "plan_in"
STEP: Final = 500  # rows that are checked between two looks at the progress
MOST_ROWS: Final = sheets.MOST_ROWS
AT_WORK: Final = (ImportState.READING, ImportState.CHECKING, ImportState.WRITING, ImportState.UNDOING)


@transaction.atomic
def upload(actor: Actor, *, client_id: int, name: str, data: bytes) -> PlanImport:
    """Take a file and have it read by a job. Raises NotFound, Forbidden, Invalid("file")."""
    client = access.get(actor, Client.objects.all(), client_id, can="edit")
    if not data:
        raise Invalid.one("file", _("The file is empty."))
    if len(data) > sheets.LARGEST:
        raise Invalid.one("file", _("The file is larger than 20 MB. Take pictures out of it, or halve it."))
    plan = PlanImport.objects.create(
        workspace=actor.workspace, client=client, name=name.replace("\x00", "")[-200:] or "plan",
        sha256=hashlib.sha256(data).hexdigest(), file=data, created_by=actor.user,
    )  # fmt: skip
    _work(plan)
    return plan


def _work(plan: PlanImport) -> None:
    enqueue(JOB, {"plan": plan.pk}, key=f"{JOB}:{plan.pk}")


def find(actor: Actor, plan_id: int) -> PlanImport:
    """One import, without its file and table. Raises NotFound, Forbidden."""
    rows = PlanImport.objects.defer("file", "table").select_related("client", "created_by")
    return access.get(actor, rows, plan_id, can="edit")


def _locked(actor: Actor, plan_id: int, *states: ImportState) -> PlanImport:
    """Held until the transaction ends. Raises Conflict when it is in none of these states any more."""
    rows = PlanImport.objects.select_for_update(of=("self",), no_key=True).select_related("client")
    plan = access.get(actor, rows, plan_id, can="edit")
    if plan.state not in states:
        raise Conflict(_("This import has gone on meanwhile. Reload the page."), plan)
    return plan


def run(plan_id: int) -> None:
    """The job: whatever the import waits for, to its end. Doing it twice changes nothing."""
    plan = PlanImport.objects.select_related("client", "workspace").filter(pk=plan_id).first()
    if plan is None:
        return
    if plan.state == ImportState.READING:
        _read(plan)
    elif plan.state == ImportState.CHECKING:
        _check(plan)
    elif plan.state == ImportState.WRITING:
        plan_write.write(plan)
    elif plan.state == ImportState.UNDOING:
        plan_write.undo(plan)


def _read(plan: PlanImport) -> None:
    """From bytes to rows; then the columns are guessed."""
    try:
        found = sheets.read(bytes(plan.file or b""), plan.name)
    except sheets.NotASheet as error:
        plan.state, plan.code, plan.file = ImportState.FAILED, error.code, None
        plan.save(update_fields=["state", "code", "file"])
        return
    plan.sheets = [
        {"name": one.name, "hidden": one.hidden, "rows": len(one.rows), "cut": one.cut} for one in found
    ]
    plan.table = zlib.compress(json.dumps([one.rows for one in found], ensure_ascii=False).encode(), 3)
    plan.choices = {"plain": sheets.is_text(bytes(plan.file or b""))}
    plan.file, plan.state = None, ImportState.MAPPING
    seen = [number for number, one in enumerate(found) if one.rows and not one.hidden]
    plan.sheet = max(seen or range(len(found)), key=lambda number: _worth(found[number].rows))
    plan.head = plan_columns.head_at(found[plan.sheet].rows)
    _guess(plan, found[plan.sheet].rows)
    plan.save()


def _worth(rows: Sequence[tuple[int, Sequence[Any]]]) -> tuple[int, int]:
    """Which sheet is the plan: the one whose heads say most, then the longest."""
    line = plan_columns.head_at(rows)
    heads = next((cells for number, cells in rows if number == line), ())
    return len({plan_columns.field_of(cell) for cell in heads if isinstance(cell, str)}), len(rows)


def table(plan: PlanImport) -> list[tuple[int, list[Any]]]:
    """The rows of the chosen sheet, heads and all."""
    raw = plan.table
    if raw is None:
        return []
    found: list[list[tuple[int, list[Any]]]] = json.loads(zlib.decompress(bytes(raw)))
    return found[plan.sheet]


def heads(plan: PlanImport, rows: Sequence[tuple[int, Sequence[Any]]]) -> list[str]:
    """The heads as the file has them; none: empty."""
    return plan_columns.texts(next((cells for line, cells in rows if line == plan.head), ()))


def body(plan: PlanImport, rows: Sequence[tuple[int, list[Any]]]) -> list[tuple[int, list[Any]]]:
    return [row for row in rows if row[0] > plan.head]


def _guess(plan: PlanImport, rows: Sequence[tuple[int, list[Any]]]) -> None:
    """The columns, as this client's last import of such heads had them; and how days stand in the file."""
    last = (
        PlanImport.objects.filter(client=plan.client, state__in=[ImportState.DONE, ImportState.READY])
        .exclude(pk=plan.pk).defer("file", "table").first()
    )  # fmt: skip
    before = dict(last.choices) if last else {}
    found = plan_columns.guess(
        heads(plan, rows), body(plan, rows), today=_today(plan.client), known=before.get("heads")
    )
    plan.mapping = {str(place): code for place, code in sorted(found.items())}
    kept = {name: before[name] for name in ("lenient", "rubrics") if name in before}
    day = next((place for place, code in found.items() if code == "day"), None)
    both, proved = order_of(cells[day] for _line, cells in rows if day is not None and day < len(cells))
    plan.choices = {
        **kept,
        "plain": bool(plan.choices.get("plain")),
        "asks_order": both,
        "day_first": proved is not False,
    }


def _today(client: Client) -> dt.date:
    return timezone.now().astimezone(ZoneInfo(client.time_zone)).date()


@transaction.atomic
def choose_sheet(actor: Actor, *, plan_id: int, sheet: int, head: int | None = None) -> PlanImport:
    """Another sheet, or another row of heads (0: there is none); the columns are guessed anew."""
    plan = _locked(actor, plan_id, ImportState.MAPPING, ImportState.READY)
    if not 0 <= sheet < len(plan.sheets):
        raise Invalid.one("sheet", _("The file has no such sheet."))
    plan.sheet, plan.state = sheet, ImportState.MAPPING
    rows = table(plan)
    plan.head = plan_columns.head_at(rows) if head is None else head
    _guess(plan, rows)
    plan.save()
    return plan


@transaction.atomic
def check(
    actor: Actor, *, plan_id: int, mapping: Mapping[int, str], stage_id: int | None, **choices: bool
) -> PlanImport:
    """Have the rows checked with these columns; nothing of the plan is written. Raises Invalid.

    `choices`: day_first, lenient, rubrics.
    """
    plan = _locked(actor, plan_id, ImportState.MAPPING, ImportState.READY)
    known = {code for code, one in plan_columns.fields().items() if not one.out}
    codes = [code for code in mapping.values() if code]
    if len(set(codes)) != len(codes):
        raise Invalid.one("mapping", _("Two columns are the same field. Leave one of them out."))
    if not {"title", "text", "id"} & set(codes) or not set(codes) <= known:
        raise Invalid.one("mapping", _("Say which column is the topic: without it there is nothing to make."))
    stage_ids = {stage.pk for stage in stages_for_new(plan.client)}
    rows = table(plan)
    named = dict(enumerate(heads(plan, rows)))
    plan.mapping = {str(place): code for place, code in mapping.items() if code}
    chosen = {plan_columns.plain(named[place]): code for place, code in mapping.items() if named.get(place)}
    plan.choices = {
        **plan.choices, **choices, "heads": chosen, "stage": stage_id if stage_id in stage_ids else None,
    }  # fmt: skip
    plan.state, plan.done, plan.total = ImportState.CHECKING, 0, len(body(plan, rows))
    plan.counts = {}
    plan.save()
    _work(plan)
    return plan


def stages_for_new(client: Client) -> list[Stage]:
    """The stages in which a piece out of a table may begin."""
    return [stage for stage in stages_of(client) if stage.kind not in BY_ITSELF]


def _check(plan: PlanImport) -> None:
    """The dry run: rows are understood and compared, and kept as rows of the import."""
    PlanRow.objects.filter(plan=plan).delete()
    columns = {int(place): code for place, code in plan.mapping.items()}
    reader = Reader(plan.client, plan.choices, today=_today(plan.client))
    rows = body(plan, table(plan))
    counts: dict[str, int] = dict.fromkeys(Verdict.values, 0)
    for start in range(0, max(len(rows), 1), STEP):
        found: list[Found] = []
        cells_of = {}
        for line, cells in rows[start : start + STEP]:
            named = {code: cells[place] for place, code in columns.items() if place < len(cells)}
            row = reader.row(line, named)
            if row is not None:
                found.append(row)
                cells_of[line] = plan_columns.texts(cells)
        judge(reader, found, owned(plan.client, (row.key for row in found)))
        PlanRow.objects.bulk_create(_kept(plan, row, cells_of[row.line]) for row in found)
        for row in found:
            counts[row.verdict] += 1
        PlanImport.objects.filter(pk=plan.pk).update(done=min(start + STEP, len(rows)))
    PlanImport.objects.filter(pk=plan.pk, state=ImportState.CHECKING).update(
        state=ImportState.READY, counts=counts
    )


def owned(client: Client, keys: Iterable[str]) -> dict[str, int]:
    """Key -> the post that a row of this key has made before, in this import or another."""
    rows = PlanRow.objects.filter(client=client, owns=True, key__in=[key for key in keys if key])
    return {key: post_id for key, post_id in rows.values_list("key", "post_id") if post_id}


def _kept(plan: PlanImport, row: Found, cells: list[str]) -> PlanRow:
    return PlanRow(
        plan=plan, client_id=plan.client_id, line=row.line, key=row.key, verdict=row.verdict, cells=cells,
        values={**row.values, "changes": row.changes} if row.changes else row.values, wrong=row.wrong,
        post_id=row.post_id, before=row.before,
    )  # fmt: skip


@transaction.atomic
def say_yes(actor: Actor, *, plan_id: int) -> PlanImport:
    """Write what the check showed, by a job. Raises Conflict, Invalid when there is nothing to write."""
    plan = _locked(actor, plan_id, ImportState.READY)
    total = plan.counts.get(Verdict.NEW, 0) + plan.counts.get(Verdict.CHANGED, 0)
    if not total:
        raise Invalid.one("", _("There is nothing to write: no row is new or changed."))
    plan.choices = {**plan.choices, "by": actor.user.pk if actor.user else None}
    plan.state, plan.done, plan.total = ImportState.WRITING, 0, total
    plan.save(update_fields=["state", "done", "total", "choices"])
    record(actor, "plan.import_begun", plan, rows=total)
    _work(plan)
    return plan


@transaction.atomic
def take_back(actor: Actor, *, plan_id: int) -> PlanImport:
    """Undo what the import made and changed, where nobody has touched it since."""
    plan = _locked(actor, plan_id, ImportState.DONE)
    plan.choices = {**plan.choices, "by": actor.user.pk if actor.user else None}
    plan.state, plan.done = ImportState.UNDOING, 0
    plan.total = PlanRow.objects.filter(plan=plan, taken_at__isnull=False).count()
    plan.save(update_fields=["state", "done", "total", "choices"])
    _work(plan)
    return plan


def go_on(actor: Actor, *, plan_id: int) -> PlanImport:
    """Have the work begun again where it stood, for one that nothing moves any more."""
    plan = find(actor, plan_id)
    if plan.state in AT_WORK:
        _work(plan)
    return plan


@transaction.atomic
def drop(actor: Actor, *, plan_id: int) -> Client:
    """Forget an import that has written nothing."""
    waiting = (ImportState.READING, ImportState.MAPPING, ImportState.READY, ImportState.FAILED)
    plan = _locked(actor, plan_id, *waiting)
    client = plan.client
    plan.delete()
    return client
