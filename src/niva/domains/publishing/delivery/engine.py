"""The story of one delivery, from the claim to the look back. Reads from top to bottom.

The truth is in the store; this only walks the steps. Whatever kills the process between two lines, the rows
tell the next worker what may still be done (`decide.next_move`).
"""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NoReturn

import aiohttp
import uuid_utils

from niva.domains.publishing.delivery import lease
from niva.domains.publishing.delivery.admission import Admission
from niva.domains.publishing.delivery.content import to_outgoing
from niva.domains.publishing.delivery.decide import (
    GIVE_UP_AFTER,
    Tried,
    look_pause,
    next_move,
    retry_pause,
    surely_absent,
    unclear,
)
from niva.domains.publishing.delivery.keyring import Keyring
from niva.domains.publishing.delivery.outcomes import OUTCOMES, sight_of
from niva.domains.publishing.delivery.store import ClientStopped, Store, Work, database_is_away
from niva.domains.publishing.delivery.tail import can_be_settled, lacking
from niva.domains.publishing.models import Publication
from niva.domains.publishing.states import BY_HAND, Outcome, State
from niva.networks.base.errors import (
    Gone,
    LeaseLost,
    Limited,
    NeedsLogin,
    NetworkError,
    OutcomeUnknown,
    Rejected,
    Temporary,
)
from niva.networks.base.network import Call, Network, Question
from niva.networks.base.transport import Transport
from niva.networks.base.types import JSON, Outgoing, Step

log = logging.getLogger("niva.delivery")

# So many workers died in a row with it in their hands, the last time alone among its like: it is the cause.
MOST_DEATHS: Final = 3
SIGNED_IN_PAUSE: Final = timedelta(seconds=1)  # before a try with keys that came while others were refused


class Halted(Exception):
    """The delivery was put down in a state; nothing more to do now. `publication`: when it ended as out."""

    def __init__(self, publication: int | None = None) -> None:
        super().__init__()
        self.publication = publication


@dataclass(slots=True)
class Job:
    """One claimed delivery with what belongs to it while it runs."""

    work: Work
    network: Network
    out: Outgoing
    call: Call
    hold: lease.Hold
    done: dict[str, JSON] = field(default_factory=dict)
    renewed: bool = False  # the keys were renewed in this run: a second refusal is final


class Engine:
    """`session`: the worker's shared HTTP session; `network_of`: name → network, raises KeyError.

    `deadline`: seconds one request may take, uploads longer by their size.
    """

    def __init__(
        self,
        store: Store,
        session: aiohttp.ClientSession,
        keyring: Keyring,
        *,
        media_root: Path,
        now: Callable[[], datetime],
        network_of: Callable[[str], Network],
        deadline: float = 30.0,
    ) -> None:
        self.store = store
        self.session = session
        self.keyring = keyring
        self.media_root = media_root
        self.now = now
        self.network_of = network_of
        self.deadline = deadline
        self.keeper = lease.Keeper(store.renew)
        self.admission = Admission(store.pool, network_of)

    async def deliver(self, delivery_id: int) -> int | None:
        """Claim this delivery and carry it. None also when it is not due or another worker has it."""
        asked = lease.now()
        work = await self.store.claim(delivery_id)
        return None if work is None else await self.carry(work, asked)

    async def carry(self, work: Work, asked: float) -> int | None:
        """Carry a claimed delivery as far as it goes now. Returns the publication's id once it is out.

        `asked`: `lease.now()` from before the claim.
        """
        hold = lease.Hold()
        hold.renewed(asked)
        self.keeper.take(work, hold)
        try:
            if work.deaths >= MOST_DEATHS:
                await self._halt(work, State.REJECTED, "poison")
            job = await self._prepare(work, hold)
            await self._walk(job)
            return await self._look_back(job)
        except Halted as halted:
            return halted.publication
        except LeaseLost as error:
            log.warning("lease lost", extra={"delivery": work.id, "why": str(error)})
            return None
        except Exception as error:
            if database_is_away(error):
                raise  # the lease ends by itself and another worker goes on
            log.exception("delivery failed", extra={"delivery": work.id})
            return await self._isolate(work, error)
        finally:
            self.keeper.let_go(work)

    async def _isolate(self, work: Work, error: Exception) -> int | None:
        """A fault of ours outside a call: this delivery stops with the reason, the rest goes on."""
        if work.state == State.ACCEPTED:
            return await self._end_unseen(work, "desk_fault")
        with contextlib.suppress(Halted):
            await self._halt(work, State.REJECTED, "desk_fault", type(error).__name__)
        return None

    async def _end_unseen(self, work: Work, code: str) -> int | None:
        """It is out, whatever cannot be done after that."""
        unseen = Publication.Sight.UNSEEN
        return await self.store.finish(work, State.PUBLISHED, sight=unseen, seen=False, code=code)

    async def _prepare(self, work: Work, hold: lease.Hold) -> Job:
        """Keys, network and content at hand, or the delivery halted with the reason."""
        try:
            network = self.network_of(work.network)
        except KeyError:
            await self._halt(work, State.REJECTED, "network_missing")
        if work.unfit and work.state != State.ACCEPTED:
            await self._halt(work, State.REJECTED, work.unfit)
        if work.by_hand and work.state != State.ACCEPTED:  # one in doubt becomes a question, see `_halt`
            await self._halt(work, State.HELD, "client_stopped" if work.stopped else BY_HAND)
        if work.community_state != "connected" and work.state != State.ACCEPTED:
            await self._halt(work, State.NEEDS_LOGIN, "not_connected")
        out = to_outgoing(work.content, self.media_root)
        if missing := [file for file in out.media if not file.path.exists()]:
            await self._halt(work, State.REJECTED, "media_missing", missing[0].path.name)
        transport = Transport(self.session, before_send=hold.check, deadline=self.deadline)
        try:
            call = await self.keyring.call(work.keys, work.community_id, network, transport, self.now)
        except (Temporary, Limited, OutcomeUnknown) as error:
            await self._pause(work, error)
        except NetworkError as error:  # whatever else it says of a renewal: these keys are of no use
            await self._halt(work, State.NEEDS_LOGIN, error.code, error.detail)
        return Job(work, network, out, call, hold)

    def _held_back(self, work: Work) -> str:
        """Why nothing may leave without a person's word, or ""."""
        if work.stopped:
            return "client_stopped"
        late = work.state != State.ACCEPTED and self.now() - work.due_at > work.late
        return "too_late" if late else ""

    async def _walk(self, job: Job) -> None:
        """Every step in order. Once the post itself is out, later steps may fail without harm to it."""
        for step in job.network.steps(job.out, job.call.credential):
            try:
                job.done[step.name] = await self._step(job, step)
            except _CommentFailed as failed:
                log.info("first comment not written", extra={"delivery": job.work.id, "code": failed.code})
                job.work.state = State.ACCEPTED
                return

    async def _step(self, job: Job, step: Step) -> JSON:
        """Do one step, as often as it may safely be done. Returns its result or raises Halted."""
        while True:
            move = next_move(
                step,
                job.work.at(step.name),
                revision_id=job.work.revision_id,
                now=self.now(),
                fresh=uuid.UUID(str(uuid_utils.uuid7())),
                may_send=not self._held_back(job.work),
            )
            if move.kind == "skip":
                return (move.tried.result if move.tried else None) or {}
            if move.kind == "ask":
                await self._ask(job, step)
            if move.kind == "hold":
                await self._hold(job.work, step, self._held_back(job.work))
            if move.kind == "look":
                assert move.tried is not None and move.since is not None
                if (found := await self._look_up(job, step, move.tried, move.since)) is not None:
                    return found
                continue
            assert move.key is not None
            if (result := await self._send(job, step, move.key)) is not None:
                return result

    async def _send(self, job: Job, step: Step, key: uuid.UUID) -> JSON | None:
        """The attempt row first, then the call, then how it ended. None: keys renewed, ask again."""
        asked = lease.now()
        try:
            tried, renewed = await self.store.open_attempt(job.work, step.name, key)
        except ClientStopped:
            await self._hold(job.work, step, "client_stopped")
        if renewed:
            job.hold.renewed(asked)
        try:
            call = replace(job.call, key=str(key))
            result = dict(await job.network.perform(call, step, job.out, job.done))
        except NeedsLogin as error:
            await self._close(job, tried, Outcome.NEEDS_LOGIN, code=error.code, detail=error.detail)
            await self._renew_or_halt(job, error)
            return None
        except NetworkError as error:
            return await self._failed(job, step, tried, error)
        except LeaseLost:
            await self._close(job, tried, Outcome.NOT_SENT, code="lease_lost")
            await self.store.relieve(job.work)
            raise
        except Exception as error:  # a fault of ours inside a connector: the call may have left
            log.exception("connector failed", extra={"delivery": job.work.id, "step": step.name})
            fault = OutcomeUnknown("connector_fault", type(error).__name__)
            return await self._failed(job, step, tried, fault)
        return await self._succeeded(job, step, tried, result)

    async def _succeeded(self, job: Job, step: Step, tried: Tried, result: dict[str, object]) -> JSON:
        if step.kind != "create":
            await self._close(job, tried, Outcome.DONE, result=result)
            return result
        remote = job.network.remote({**job.done, step.name: result})
        if not await self.store.created(job.work, tried.id, result, remote, self.now()):
            error = OutcomeUnknown("duplicate_answer", remote.id)
            return await self._failed(job, step, tried, error)
        self._settled(job, tried, Outcome.DONE)
        return result

    async def _close(self, job: Job, tried: Tried, outcome: Outcome, **more: Any) -> None:
        """In the store and in the work's own list, which the rules read."""
        await self.store.close_attempt(tried.id, outcome, **more)
        self._settled(job, tried, outcome, more.get("code", ""))

    def _settled(self, job: Job, tried: Tried, outcome: Outcome, code: str = "") -> None:
        """The work's own list says so too, and the log. `seconds`: since the attempt was opened.

        What went well is for the curious: the rows tell it, and a line for each costs a tenth of the speed.
        """
        _replace(job.work, tried, outcome=outcome)
        level = logging.DEBUG if outcome == Outcome.DONE else logging.INFO
        if log.isEnabledFor(level):
            seconds = round((self.now() - tried.started_at).total_seconds(), 3)
            facts = {"delivery": job.work.id, "network": job.work.network, "step": tried.step}
            told = {"outcome": str(outcome), "code": code, "seconds": seconds}
            log.log(level, "attempt", extra={**facts, **told})

    async def _renew_or_halt(self, job: Job, refused: NeedsLogin) -> None:
        """Keys that ended early are renewed once; whoever refuses the new ones too wants a person."""
        if job.work.keys and not job.renewed and job.call.credential.secrets.get("refresh_token"):
            job.renewed = True
            try:
                fresh = await self.keyring.renew(
                    job.work.community_id, job.work.keys.version, job.network, job.call
                )
                job.call = replace(job.call, credential=fresh)
                return
            except (Temporary, Limited, OutcomeUnknown) as error:
                await self._pause(job.work, error)
            except NeedsLogin as error:
                refused = error
            except NetworkError as error:
                refused = NeedsLogin(error.code, error.detail)
        if job.work.state == State.ACCEPTED:
            raise _CommentFailed(refused.code)
        await self._halt(job.work, State.NEEDS_LOGIN, refused.code, refused.detail)

    async def _failed(self, job: Job, step: Step, tried: Tried, error: NetworkError) -> JSON:
        """Write the outcome down and put the delivery where it belongs. Always raises."""
        await self._close(job, tried, OUTCOMES[type(error)], code=error.code, detail=error.detail)
        worth_it = isinstance(error, (Temporary, Limited)) or (
            isinstance(error, OutcomeUnknown) and can_be_settled(step)
        )
        if step.kind == "comment" and not worth_it:
            raise _CommentFailed(error.code)
        match error:
            case Temporary() | Limited():
                await self._pause(job.work, error)
            case OutcomeUnknown() if step.repeatable:  # of what harms nobody nothing is in doubt
                await self._pause(job.work, error)
            case OutcomeUnknown():
                pause = look_pause(0) if step.searchable else retry_pause(job.work.tries + 1)
                lonely = not (step.searchable or step.keyed)
                await self._halt(
                    job.work, _in_doubt(step), error.code, error.detail,
                    wake_at=None if lonely else self.now() + pause, tries=job.work.tries + 1,
                )  # fmt: skip
            case _:
                look = step.searchable and unclear(job.work.at(step.name))
                wake = self.now() + look_pause(0) if look else None
                await self._halt(job.work, State.REJECTED, error.code, error.detail, wake_at=wake)
        raise AssertionError("unreachable: every branch halts")

    async def _look_up(self, job: Job, step: Step, tried: Tried, since: datetime) -> JSON | None:
        """Search for what became of `tried`. Its result when found; None to decide anew."""
        looks = tried.looks + 1
        call = replace(job.call, key=str(tried.key))  # where the key is the address, it is what to look for
        try:
            answer = await job.network.look_up(call, Question(step, job.out, job.done, since))
        except (Temporary, Limited) as error:  # nothing was learned: not a look that counts
            await self._pause(job.work, error)
        except NeedsLogin as error:
            await self._renew_or_halt(job, error)
        except NetworkError as error:
            await self.store.looked(tried.id, looks)
            await self._wait_to_look(job, step, looks, error.code)
        else:
            await self.store.looked(tried.id, looks)
            if answer.found:
                return await self._succeeded(job, step, tried, dict(answer.result or {}))
            if answer.found is False and surely_absent(tried, looks=looks, now=self.now()):
                await self._close(job, tried, Outcome.ABSENT, code="looked_up")
                return None
            code = "not_found_yet" if answer.found is False else "cannot_tell"
            await self._wait_to_look(job, step, looks, code)
        return None

    async def _wait_to_look(self, job: Job, step: Step, looks: int, code: str) -> NoReturn:
        wake = self.now() + look_pause(looks)
        await self._halt(job.work, _in_doubt(step), code, wake_at=wake, tries=job.work.tries)

    async def _ask(self, job: Job, step: Step) -> NoReturn:
        """Nobody but a person can tell."""
        if step.kind == "comment":
            raise _CommentFailed("comment_unknown")
        await self._halt(job.work, State.UNKNOWN, "ask_person")

    async def _hold(self, work: Work, step: Step, why: str) -> NoReturn:
        """Wait for a person's word; a first comment is simply left out."""
        if step.kind == "comment":
            raise _CommentFailed(why)
        await self._halt(work, State.HELD, why)

    async def _pause(self, work: Work, error: NetworkError) -> NoReturn:
        """Try again by itself later, as long as the post may still go out at all."""
        tries, now = work.tries + 1, self.now()
        in_doubt = bool(unclear(work.at("create")))
        if work.state == State.ACCEPTED and now - work.due_at > GIVE_UP_AFTER:  # only its comment is missing
            await self._halt(work, State.REJECTED, error.code)
        if in_doubt and now - work.due_at > GIVE_UP_AFTER:
            await self._halt(work, State.UNKNOWN, "ask_person", error.code)
        if isinstance(error, Limited):
            wake = max(await self.admission.refused(work, error) or now, now + timedelta(seconds=1))
        else:
            wake = now + retry_pause(tries, told=getattr(error, "retry_after", None))
        state = State.ACCEPTED if work.state == State.ACCEPTED else State.WAITING
        if state == State.WAITING and not in_doubt and wake - work.due_at > work.late:
            await self._halt(work, State.HELD, "too_late", error.code)
        await self._halt(work, state, error.code, error.detail, wake_at=wake, tries=tries)

    async def _halt(
        self,
        work: Work,
        state: State,
        code: str,
        detail: str = "",
        *,
        wake_at: datetime | None = None,
        tries: int = 0,
    ) -> NoReturn:
        """Let go of it, in a state that tells the truth about what may be out there. Always raises Halted."""
        if work.state == State.ACCEPTED and state != State.ACCEPTED:
            raise Halted(await self._end_unseen(work, lacking(work.content, work.tried) or code))
        in_doubt = bool(unclear(work.at("create")))
        if in_doubt and state in (State.WAITING, State.REJECTED, State.HELD):
            state = State.UNKNOWN  # an earlier attempt may be out there: it must not pass for unsent
        if state == State.NEEDS_LOGIN:
            instead, soon = State.UNKNOWN if in_doubt else State.WAITING, self.now() + SIGNED_IN_PAUSE
            await self.store.needs_login(work, code=code, detail=detail, instead=instead, again_at=soon)
        else:
            await self.store.halt(work, state, code=code, detail=detail, wake_at=wake_at, tries=tries)
        log.info("halted", extra={"delivery": work.id, "state": str(state), "code": code})
        raise Halted

    async def _look_back(self, job: Job) -> int | None:
        """Read the post back. What cannot be read now stays `unseen`; the later looks will tell."""
        seen = False
        sight: str = Publication.Sight.UNSEEN
        try:
            found = await job.network.read_back(job.call, job.network.remote(job.done))
            if found.alive:
                sight, seen = sight_of(found, job.out), True
        except Gone:
            pass  # networks show a new post a little later in places: the next looks decide
        except Rejected:
            sight = Publication.Sight.UNTOLD
        except NetworkError as error:
            log.info("not read back yet", extra={"delivery": job.work.id, "code": error.code})
        code = lacking(job.work.content, job.work.tried)
        return await self.store.finish(job.work, State.PUBLISHED, sight=sight, seen=seen, code=code)


def _in_doubt(step: Step) -> State:
    """Where a delivery waits for what became of a step: the post itself is out before its tail begins."""
    return State.ACCEPTED if step.kind == "comment" else State.UNKNOWN


class _CommentFailed(Exception):
    """The post is out; a part of its chain or its first comment is not: shown, but the post stands."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _replace(work: Work, tried: Tried, **changes: Any) -> None:
    """Keep the work's own list in step with the store."""
    index = next(i for i, one in enumerate(work.tried) if one.id == tried.id)
    work.tried[index] = replace(work.tried[index], **changes)
