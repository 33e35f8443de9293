"""How long a plan of 5,000 rows takes through the real door: uploaded, read, checked, written, watched.

    python tools/bench_sheets.py [--rows 5000]

A throwaway PostgreSQL, the desk's own pages and the job's own steps. Printed: seconds of each step, by how
much this process grew, the peak of the reader's process in MB for the plan and for a workbook of half a
million empty formatted rows, and the slowest answer of the page that shows the progress meanwhile. The last
line is one JSON object. The exit code is 1 when the import takes longer than LIMIT_S or the reader more than
LIMIT_MB.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from niva.kit.postgres import FAST, Server

LIMIT_S: Final = 20.0
LIMIT_MB: Final = 300.0
EMPTY_ROWS: Final = 500_000
TEXT: Final = "Чтобы рёбрышки остались сочными, их держат под фольгой и не торопят. " * 4


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=5000)
    options = parser.parse_args()
    # Before anything of the desk is loaded: a child begins with the memory of its parent.
    figures = read_alone(options.rows)
    with tempfile.TemporaryDirectory(prefix="niva-bench-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder) / "postgres", settings=FAST, die_with_us=True)
        server.start()
        try:
            os.environ["DATABASE_URL"] = server.url()
            os.environ["NIVA_HOME"] = str(Path(folder) / "home")
            os.environ["DJANGO_SETTINGS_MODULE"] = "niva.config.settings"
            return bench(options.rows, figures)
        finally:
            server.stop(immediately=True)


def workbook(rows: int) -> bytes:
    """A plan as people keep it: typed days, networks in words, texts."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    page = book.add_worksheet("План")
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    page.write_row(0, 0, ["Дата", "Время", "Соцсеть", "Рубрика", "Тема", "Текст", "Автор", "Формат"])
    for n in range(rows):
        page.write_number(n + 1, 0, 46400 + n // 10, day)
        where = ("ВК", "ТГ", "ВК, ТГ")[n % 3]
        page.write_row(
            n + 1, 1, [f"{9 + n % 12}:00", where, f"Рубрика {n % 6}", f"Тема {n}", TEXT, "Глеб Ильин", "пост"]
        )
    book.close()
    return out.getvalue()


def empty_workbook(rows: int) -> bytes:
    """One head and that many rows of coloured cells without anything in them, as Excel writes them."""
    cells = "".join(f'<c r="{letter}%d" s="1"/>' for letter in "ABCDEFGHIJKL")
    row = f'<row r="%d">{cells}</row>'
    source = zipfile.ZipFile(io.BytesIO(workbook(1)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part in source.infolist():
            data = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                head, tail = data.split(b"</sheetData>")
                with archive.open(part.filename, "w") as page:
                    page.write(head)
                    for start in range(3, rows, 5000):
                        lines = "".join(row % ((n,) * 13) for n in range(start, start + 5000))
                        page.write(lines.encode())
                    page.write(b"</sheetData>" + tail)
            else:
                archive.writestr(part.filename, data)
    return out.getvalue()


def read_alone(rows: int) -> dict[str, Any]:
    """What the reader's process takes for the plan, and for rows that are empty."""
    from niva.kit import sheets

    found: dict[str, Any] = {"rows": rows}
    for name, data in (("plan", workbook(rows)), ("empty_rows", empty_workbook(EMPTY_ROWS))):
        at = time.perf_counter()
        sheets.read(data)
        found |= {
            f"{name}_file_mb": round(len(data) / 1e6, 1),
            f"{name}_read_s": round(time.perf_counter() - at, 2),
            f"{name}_reader_mb": round(peak(resource.RUSAGE_CHILDREN), 1),
        }
    return found


def bench(rows: int, found: dict[str, Any]) -> int:
    """The whole way of a plan; `found`: figures so far."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.core.management import call_command

    from niva.cli import environment, web

    environment.django()
    call_command("migrate", verbosity=0)
    browser, client_id = make()
    web.application()
    from niva.domains.editorial.planning import PlanImport
    from niva.domains.publishing.models import Post
    from niva.flows import plan_in

    found |= {"load_1min": round(os.getloadavg()[0], 1), "cores": os.cpu_count()}
    data = workbook(rows)
    before = peak()
    started = time.perf_counter()

    def step(name: str, doing: Any) -> None:
        at = time.perf_counter()
        doing()
        found[name] = round(time.perf_counter() - at, 2)

    def upload() -> None:
        file = SimpleUploadedFile("plan.xlsx", data)
        answer = browser.post("/plan/import/", {"client": client_id, "file": file})
        assert answer.status_code == 302, answer.content[:500]

    step("upload_s", upload)
    plan = PlanImport.objects.get()
    slowest = Watch(browser, f"/plan/import/{plan.pk}/")
    step("read_s", lambda: plan_in.run(plan.pk))
    plan.refresh_from_db()
    wanted = {f"column_{place}": code for place, code in plan.mapping.items()} | {"rubrics": "on"}
    browser.post(f"/plan/import/{plan.pk}/columns/", wanted)
    step("check_s", lambda: slowest.during(lambda: plan_in.run(plan.pk)))
    browser.post(f"/plan/import/{plan.pk}/yes/")
    step("write_s", lambda: slowest.during(lambda: plan_in.run(plan.pk)))
    found["whole_s"] = round(time.perf_counter() - started, 2)
    found["slowest_page_ms"] = round(slowest.slowest * 1000)
    found["made"] = Post.objects.count()
    found["desk_grew_mb"] = round(peak() - before, 1)
    for name, figure in found.items():
        print(f"{name:24} {figure}")
    print(json.dumps(found))
    slow = found["whole_s"] > LIMIT_S or found["made"] != rows
    return int(slow or found["empty_rows_reader_mb"] > LIMIT_MB)


class Watch:
    """Asks for the page of the progress while something runs, and keeps the slowest answer."""

    def __init__(self, browser: Any, path: str) -> None:
        self.browser, self.path, self.slowest = browser, path, 0.0

    def during(self, work: Any) -> None:
        done = threading.Event()

        def ask() -> None:
            from django.db import connection

            while not done.wait(0.25):
                at = time.perf_counter()
                self.browser.get(self.path, headers={"hx-request": "true"})
                self.slowest = max(self.slowest, time.perf_counter() - at)
            connection.close()

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            work()
        finally:
            done.set()
            asking.join()


def peak(who: int = resource.RUSAGE_SELF) -> float:
    """MB that a process has had at most (on Linux the kernel says kilobytes)."""
    return resource.getrusage(who).ru_maxrss / 1024


def make() -> tuple[Any, int]:
    """An owner who is signed in, a client with two communities and an author."""
    from django.test import Client as Browser

    from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
    from niva.domains.communities.factories import connect, make_community
    from niva.domains.people.models import WorkspaceRole

    actor = make_actor(make_workspace())
    client = make_client(actor.workspace)
    give_role(client, make_person(actor.workspace, WorkspaceRole.MEMBER, name="Глеб Ильин"))
    connect(make_community(client, "vk", name="Хутор ВК"))
    connect(make_community(client, "telegram", name="Хутор в Telegram"))
    browser = Browser(headers={"host": "localhost"})
    assert actor.user is not None
    browser.force_login(actor.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser, client.pk


if __name__ == "__main__":
    sys.exit(main())
