"""Rows of a workspace are reached through one door: `domains/clients/access.py`.

Every use of a manager (`Model.objects…`) or of `get_object_or_404` on a model that belongs to a workspace
must be one of these, seen in the syntax tree of its function:

1. it goes through `access.get` or `access.visible`, at once or by a name that is handed to them;
2. it names the actor's workspace: `workspace=actor.workspace`;
3. it hangs on something that came through the door before: a name bound by a call that took the actor (or the
   request, which knows him), or a parameter that is such a row itself (its type says so);
4. it is a part of a question about other rows (`OuterRef`);
5. it stands in ALLOWED, with the reason why nobody's number can lead in there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from django.apps import apps

import niva

SOURCE: Final = Path(niva.__file__).parent
FOLDERS: Final = ("web", "api", "flows", "domains")
DOORS: Final = {"get", "visible"}
# Nobody's numbers come here: each line says why.
ALLOWED: Final = {
    # the door itself, and what stands before anybody is known
    "domains/clients/access.py": "the door",
    "domains/people/audit.py:record": "writes a line for the actor's own workspace",
    "domains/people/invitations.py:find": "by the secret of the link",
    "domains/people/invitations.py:make": "the workspace is the caller's own",
    "domains/people/invitations.py:open_in": "the workspace is the caller's own",
    "domains/people/keeper.py": "asks for the person's own membership of the first workspace",
    "domains/people/queries.py": "takes the workspace itself, never a number of a row",
    "domains/people/services.py": "takes the workspace itself or the actor's own",
    "domains/people/sign_in_links.py": "by the secret of the link",
    "domains/clients/working.py": "contracts of clients that the caller was given by the door",
    "domains/leads/queries.py:with_a_list": "clients that the caller was given by the door",
    "domains/leads/services/doors.py:by_secret": "by the secret of the link",
    "domains/leads/services/taking.py:settle_doubles": "the client of a row that the door gave",
    "domains/leads/services/taking.py:take_many": "steps of the leads that it has just made itself",
    "domains/clients/services/money.py:is_closed": "the client of a row of money that the door gave",
    "domains/editorial/exits.py:_approved": "the contract of a piece that came through the door",
    "domains/editorial/services/follow.py": "the worker",
    "domains/editorial/queries.py:_jam": "cards of stages that the door gave",
    "domains/editorial/queries.py:_failed": "deliveries of cards that the door gave",
    "domains/editorial/task_queries.py:files_with_versions": "prefetched for rows that access.get gives",
    "domains/editorial/services/many.py:make_many": "rows of the client whom the door gave the caller",
    "flows/plan_check.py:_read_names": "the names of one client, whom the door or the import gave",
    "flows/plan_compare.py": "within the client of the import",
    "flows/plan_in.py:run": "the number of the worker's own job",
    "flows/plan_in.py:take_back": "the rows of the import that _locked gave out",
    "flows/plan_link.py:find": "by the secret of the link",
    "flows/plan_out.py:_rows": "what hangs on the posts that visible gave out",
    "flows/plan_write.py": "the worker's own import, its rows and its client",
    "domains/editorial/services/pieces.py:people_of": "the client and workspace of a row that the door gave",
    "domains/publishing/services/fitting.py:finish": "the number of the worker's own job",
    "flows/convert.py": "the numbers of the worker's own jobs",
    "domains/sources/queries.py:sources": "through of_workers, which asks access.visible",
    "domains/sources/queries.py:free": "through of_workers, which asks access.visible",
    "flows/hear.py": "the numbers of the worker's own jobs",
    "domains/sources/services/hearing.py:keep_piece": "the number of the worker's own job",
    "flows/clip.py": "the numbers of the worker's own jobs",
    "web/posts/framing.py:as_sent": "within the client of the file that the door gave out",
    "flows/feed.py:_open": "by the secret of the feed's address, or the one of a piece of it",
    "flows/feed.py:article": "by the piece's own number, a UUID that nobody guesses; it is published anyway",
    "flows/feed.py:serve": "the feed of that address",
    "domains/metrics/posts.py:make": "the worker: rows of publications that are followed or were just read",
    "domains/metrics/posts.py:fill": "the worker: publications without a row",
    "flows/digest.py": "the worker; what it tells is gathered by the actor of whom it tells",
    "flows/office_day.py:_times": "contracts of the clients that access.visible gives",
    "domains/editorial/services/pieces.py:_people": "roles at the clients that the door gave",
    "domains/pay/work.py:_let_through": "parts of a query about pieces that the caller may read",
    "domains/sources/services/sources.py:clear_out": "the worker: which files still have a row",
    "flows/found.py": "asks whether anybody is there at all",
    "flows/sign_in.py": "the demo's owner, from this machine",
    "flows/tokens.py:actor_by_token": "by the secret of the token",
    "domains/publishing/services/deciding.py:by_secret": "by the secret of the client's link",
    "web/decide/reading.py:whole": "the post of a link, or of a request that came through the door",
    # the worker and its keys: ids come from rows of ours, never from a person
    "domains/communities/keys.py": "takes the community itself; callers come through the door",
    "domains/metrics/services.py": "written by collectors, ids from the schedule",
    "domains/publishing/services/sight.py": "ids from the worker, or after amend.py has asked the door",
    "domains/publishing/services/chains.py:broke_off": "the delivery of a post that was just looked at",
    "domains/publishing/services/comment.py:end": "the attempt that begin made behind the door",
    "domains/publishing/services/holding.py": "the client whom flows/stop.py has locked through the door",
    "domains/publishing/services/schedule.py:resume_after_login": "the community that was just connected",
    "domains/condition/services.py:_keep": "findings of the community that its callers got through the door",
    "flows/collect.py": "the worker",
    "flows/alarms.py:round_of_all": "the worker",
    "flows/foretelling.py:round_of_all": "the worker",
    "domains/advice/queries.py:due": "the worker",
    "domains/advice/services.py:settle": "the worker; people come by answer and close, behind the door",
    "flows/alarm_causes.py:_definitions": "posts of a community of the client whose alarm it is",
    "flows/remind.py": "the worker; people come through approving.open_one, which asks the door",
    "domains/publishing/services/deciding.py:by_silence": "the worker",
    "flows/condition.py:_what": "the worker",
    "flows/condition.py:hand_out": "the worker",
    "flows/follow.py": "the worker",
    "flows/look_again.py": "the worker",
    "flows/health.py": "counts of the whole desk, for its keeper alone",
    "flows/invite.py:_join": "by the secret of the invitation: its own workspace and roles",
    # ids are handed in by those who got them through the door; pure reading of numbers
    "domains/clients/queries.py:rows_of_goals": "ids of goals that came through the door",
    "domains/publishing/services/drafts.py:_own_goal": "within the client that came through the door",
    "domains/publishing/services/drafts.py:_own_rubric": "within the client that came through the door",
    "domains/publishing/services/unroll.py": "the worker; people come through series.py, which asks the door",
    "domains/publishing/services/series.py:renew": "posts of a series that came through the door",
    "domains/publishing/foreseen.py:foreseen": "prefetched for the series that access.visible gives",
    "domains/publishing/services/series.py:_ahead": "occurrences of a series that came through the door",
    "domains/strategy/services.py:_check": "other rubrics of a client that came through the door",
    "domains/editorial/flowfigures.py": "of the clients that clients_of has let the person see",
    "domains/pay/services/sheets.py:_freeze": "corrections of the person whose sheets the actor may settle",
    "domains/pay/work.py:_passed": "within the actor's own workspace",
    "domains/pay/work.py:works_of": "what closed sheets counted of pieces that were just read there",
    "domains/pay/work.py:_in_approval": "within the actor's own workspace",
    # parts of a query that ends at the door
    "domains/publishing/services/approving.py:alive": "where a query begins; callers hand it to access.get",
    "domains/publishing/services/approving.py:hold_open": "locks what came through the door or by the secret",
    "domains/publishing/awaiting.py:rounds": "prefetched for the requests about a post that the door gave",
    "domains/publishing/awaiting.py:said_to": "prefetched for remarks on the request that the door gave",
    "domains/publishing/queries.py:post_page": "prefetched for the post that access.get gives",
    "domains/publishing/queries.py:posts": "prefetched for the posts that access.visible gives",
    "domains/publishing/services/drafts.py:_alive": "where a query begins; callers hand it to access.get",
    "domains/publishing/services/freeze.py:freeze": "makes a revision of a variant that was checked",
    "domains/editorial/table.py:shown": "prefetched for the pieces that access.visible gives",
    "flows/search.py": "where the questions of each kind begin; every one is handed to access.visible",
    "flows/goal_fact.py:_from_readings": "communities of goals that came through the door",
    # behind a lock on a post that came through the door; ids are its own variants'
    "domains/publishing/services/move.py:move": "only groups by post; each post then passes the door",
}


def _owned() -> frozenset[str]:
    """Models that belong to a workspace, by themselves or through a row that does."""
    ours = [one for one in apps.get_models() if one.__module__.startswith("niva.domains")]
    found = {"Workspace", "Reading", "Schedule"}  # the last two name what they measure by its number alone
    grown = True
    while grown:
        fresh = {
            one.__name__
            for one in ours
            if any(f.related_model and f.related_model.__name__ in found for f in one._meta.fields)
        }
        grown = not fresh <= found
        found |= fresh
    return frozenset(found - {"Workspace"})


OWNED: Final = _owned()


def _functions(tree: ast.AST, outer: tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...] = ()) -> Iterator:
    """(outermost-to-innermost functions, node) for every node."""
    for child in ast.iter_child_nodes(tree):
        inside = (*outer, child) if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) else outer
        yield inside, child
        yield from _functions(child, inside)


def _reaches(node: ast.AST) -> bool:
    """Is this `Model.objects` of an owned model, or get_object_or_404 of one?"""
    if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager"):
        return isinstance(node.value, ast.Name) and node.value.id in OWNED
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("get_object_or_404", "get_list_or_404")
    return False


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _is_door(call: ast.AST) -> bool:
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in DOORS
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "access"
    )


def _knows_who(call: ast.AST) -> bool:
    """A call that is told who asks: it passes the door on its way, or is itself looked at by this test."""
    if not isinstance(call, ast.Call):
        return False
    return bool({"actor", "request"} & set().union(*(_names(a) for a in [*call.args, *call.keywords]), set()))


def _proven(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Names in the function that stand for what came through the door."""
    proven = set()
    for argument in [*function.args.args, *function.args.kwonlyargs]:
        if argument.annotation is not None and _names(argument.annotation) & OWNED:
            proven.add(argument.arg)
    changed = True
    while changed:
        changed = False
        for node in ast.walk(function):
            pairs: list[tuple[ast.AST, ast.AST]] = []
            if isinstance(node, ast.Assign):
                pairs = [(target, node.value) for target in node.targets]
            elif isinstance(node, (ast.For, ast.comprehension)):
                pairs = [(node.target, node.iter)]
            elif isinstance(node, ast.NamedExpr):
                pairs = [(node.target, node.value)]
            for target, value in pairs:
                sound = any(_knows_who(one) for one in ast.walk(value)) or _names(value) & proven
                if sound and not _names(target) <= proven:
                    proven |= _names(target)
                    changed = True
    return proven


def _statement(function: ast.AST, node: ast.AST) -> ast.stmt:
    """The smallest statement of the function that holds the node."""
    holding = [s for s in ast.walk(function) if isinstance(s, ast.stmt) and node in ast.walk(s)]
    return min(holding, key=lambda s: sum(1 for _ in ast.walk(s)))


def _is_scoped(function: ast.FunctionDef | ast.AsyncFunctionDef, node: ast.AST) -> bool:
    statement = _statement(function, node)
    doors = [call for call in ast.walk(function) if _is_door(call)]
    if any(node in ast.walk(call) for call in doors):
        return True
    bound = set()
    if isinstance(statement, ast.Assign):
        bound = set().union(*(_names(target) for target in statement.targets))
    if any(bound & _names(argument) for call in doors for argument in call.args):
        return True
    if "actor.workspace" in (words := ast.unparse(statement)) or "OuterRef(" in words:
        return True
    return bool(_names(statement) & (_proven(function) - bound))


def _places() -> Iterator[tuple[str, int, bool]]:
    for folder in FOLDERS:
        for path in sorted((SOURCE / folder).rglob("*.py")):
            parts = path.relative_to(SOURCE).parts
            if {"tests", "migrations", "demo"} & set(parts) or path.name == "factories.py":
                continue
            for around, node in _functions(ast.parse(path.read_text())):
                if _reaches(node):
                    name = around[0].name if around else ""
                    scoped = bool(around) and any(_is_scoped(one, node) for one in around)
                    yield f"{'/'.join(parts)}:{name}", node.lineno, scoped


PLACES: Final = list(_places())


def test_every_row_comes_through_the_one_door():
    wrong = [
        f"{place} (line {line})"
        for place, line, scoped in PLACES
        if not scoped and place not in ALLOWED and place.partition(":")[0] not in ALLOWED
    ]
    assert not wrong, "reaches rows past access.py:\n" + "\n".join(wrong)


def test_the_test_sees_something():
    assert {"Post", "Delivery", "Attempt", "Slot", "Credential", "ClientRole", "Reading"} <= OWNED
    assert len(PLACES) > 100


@pytest.mark.parametrize("place", ALLOWED)
def test_what_is_allowed_is_still_there(place):
    """A reason that nothing needs any more would cover the next mistake."""
    assert any(place in (found, found.partition(":")[0]) for found, _, _ in PLACES), place


@pytest.mark.parametrize(
    ("code", "fine"),
    [
        ("def f(actor, pk):\n    return Post.objects.get(pk=pk)", False),
        ("def f(request, pk):\n    return get_object_or_404(Post, pk=pk)", False),
        (
            "def f(actor, pk):\n    access.demand_workspace(actor)\n    return Post.objects.filter(pk=pk)",
            False,
        ),
        ("def f(actor, pk):\n    return access.get(actor, Post.objects.all(), pk)", True),
        ("def f(actor, pk):\n    rows = Post.objects.all()\n    return access.get(actor, rows, pk)", True),
        ("def f(actor, pk):\n    return Post.objects.filter(workspace=actor.workspace, pk=pk)", True),
        ("def f(post: Post):\n    return Variant.objects.filter(post=post)", True),
        ("def f(actor, pk):\n    c = client(actor, pk)\n    return Goal.objects.filter(client=c)", True),
        ("def f(actor, pk, g):\n    c = client(actor, pk)\n    return Goal.objects.filter(pk=g)", False),
    ],
)
def test_the_rule_itself(code, fine):
    tree = ast.parse(code)
    found = [_is_scoped(around[0], node) for around, node in _functions(tree) if _reaches(node)]
    assert found == [fine]
