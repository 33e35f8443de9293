"""Workers of the desk to kill, forked from a process that has loaded everything once: `python -m … SECONDS`.

SECONDS is the length of a lease. A line on stdin is a command: `start URL` forks a worker that may talk to
the network there and says `born PID`; `wait PID` says `died STATUS` when it has ended, `look PID` that or
`lives` at once. The workers say where they are, and act as the text of a post tells them: with DEADLY in it
they end at once, whoever they are; with DOOR they say `door` and hesitate right before the call to the
network leaves; with AFTER they say `sent` and hesitate before they hear the answer.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta

DEADLY, DOOR, AFTER = "[deadly]", "[door]", "[after]"
HESITATION = 0.4


def say(*words: object) -> None:
    print(*words, flush=True)


class Eventful:
    """A network as it is, but for what the text of the post asks for."""

    def __init__(self, network) -> None:
        self._network = network

    def __getattr__(self, name):
        return getattr(self._network, name)

    def steps(self, out, credential):
        if DEADLY in out.text:
            os._exit(9)  # as a fault in a C library would: no exception, no attempt row
        return self._network.steps(out, credential)

    async def perform(self, call, step, out, done):
        if DOOR in out.text:
            say("door")
            await asyncio.sleep(HESITATION)
        result = await self._network.perform(call, step, out, done)
        if AFTER in out.text:
            say("sent")
            await asyncio.sleep(HESITATION)
        return result


def work(seconds: float, network: str) -> None:
    from django.conf import settings

    from niva.domains.publishing.delivery import lease, store
    from niva.flows import work as works
    from niva.networks.registry import get_network

    for module in (lease, store):
        module.LEASE = timedelta(seconds=seconds)
    settings.PRACTICE_URL = network  # an inner address that may be called
    lease.MARGIN_SECONDS = seconds / 4
    works.get_network = lambda name: Eventful(get_network(name))
    asyncio.run(works.work())


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "niva.config.settings"
    import django

    django.setup()
    import niva.flows.work  # noqa: F401 - once, for all that are forked

    say("ready")
    for line in sys.stdin:
        match line.split():
            case ["start", network]:
                if not (pid := os.fork()):
                    work(float(sys.argv[1]), network)
                    os._exit(0)
                say("born", pid)
            case ["wait", pid]:
                say("died", os.waitstatus_to_exitcode(os.waitpid(int(pid), 0)[1]))
            case ["look", pid]:
                gone, status = os.waitpid(int(pid), os.WNOHANG)
                say(*("died", os.waitstatus_to_exitcode(status)) if gone else ("lives",))


if __name__ == "__main__":
    main()
