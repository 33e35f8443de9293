"""A worker as a process of its own, for tests that kill, stop and cut it off: ``python -m … DSN LEASE``."""

import asyncio
import os
import signal
import sys

from niva.kit.jobs.types import Handler, JobContext, Payload
from niva.kit.jobs.worker import Tuning, run_worker


def say(word: str, ctx: JobContext) -> None:
    print(word, ctx.id, ctx.attempt, flush=True)


async def quick(ctx: JobContext, payload: Payload, /) -> None:
    say("ran", ctx)


async def slow(ctx: JobContext, payload: Payload, /) -> None:
    """Begins, waits the given seconds, then acts only if the job is still this worker's."""
    say("begun", ctx)
    await asyncio.sleep(payload["seconds"])
    say("acted" if await ctx.held() else "refrained", ctx)


async def blind(ctx: JobContext, payload: Payload, /) -> None:
    """Acts without asking."""
    say("begun", ctx)
    await asyncio.sleep(payload["seconds"])
    say("finished", ctx)


async def deadly(ctx: JobContext, payload: Payload, /) -> None:
    say("begun", ctx)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    tuning = Tuning(lease=float(sys.argv[2]), grace=5, poll=0.2, first_pause=0.05, longest_pause=0.5)
    handlers = {"quick": Handler(quick), "slow": Handler(slow), "blind": Handler(blind)}
    handlers["deadly"] = Handler(deadly, tries=2)
    asyncio.run(run_worker(sys.argv[1], handlers, tuning=tuning))


if __name__ == "__main__":
    main()
