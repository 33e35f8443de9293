"""The demo: a small agency with four clients on the practice network, so that a newcomer sees the whole
circle in minutes.

Made once, on the first run, when nobody is in the database yet. All rows of the desk come in one transaction;
what an interrupted attempt left on the practice network is swept away by the next one.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable

from django.db import connection, transaction
from django.utils.translation import gettext as _

from niva.domains.people.models import User
from niva.flows.demo import cast, leads, ledger, numbers, office, standing, told
from niva.flows.demo.hours import even, past_slots
from niva.flows.demo.posts import LIVELY, Out, Writer
from niva.kit.home import home
from niva.networks.practice.server.store import Store

# Any constant will do: it only has to be the same for all who make the demo. The letters of "demo".
_LOCK = 0x64656D6F

_SWEEP_MEDIA = (
    "delete from media where community in (select id from communities where handle = ?) returning id"
)

Say = Callable[[str], None]


def ensure(say: Say | None = None) -> bool:
    """Make the demo where there is nobody yet; True when it was made now. NIVA_DEMO=0 forbids it.

    `say` is told how far it is, in the language of the moment.
    """
    if os.environ.get("NIVA_DEMO") == "0" or User.objects.exists():
        return False
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        if User.objects.exists():
            return False
        store = Store(home().make().practice)
        try:
            _sweep(store)
            _make(store, say or (lambda _text: None))
        finally:
            store.close()
    return True


def _make(store: Store, say: Say) -> None:
    now = cast.now_exact()
    agency = cast.make_agency(now)
    outs: list[Out] = []
    places: list[cast.Place] = []
    clients: dict[str, cast.Made] = {}
    for one in told.clients():
        say(_("Demo: %(client)s") % {"client": one.about["name"]})
        made = cast.make_client(agency, one, store, now)
        clients[one.key] = made
        writer = Writer(made, store, now)
        outs += _history(writer)
        for fire in one.fires:
            writer.burn(fire)
        writer.coming()
        writer.repeat()
        writer.task()
        for place in made.places.values():
            standing.plant(place, store, now)
            standing.look(made, place, store, now)
        places += made.places.values()
    say(_("Demo: numbers of six weeks"))
    numbers.write(store, places, outs, now)
    for of_client in clients.values():
        leads.come(of_client, outs, now)
    say(_("Demo: the newsroom"))
    office.furnish(agency, clients, now)
    ledger.write(agency.actor("anya"), {key: made.client for key, made in clients.items()})


def _history(writer: Writer) -> list[Out]:
    """Posts of six weeks at their slots, and those of today."""
    made = writer.made
    slots = past_slots(made.main.told.slots, made.client.time_zone, writer.now, len(made.told.out))
    found = [out for one, due in zip(made.told.out, slots, strict=True) for out in writer.publish(one, due)]
    for one in made.told.today:
        due = even(writer.now - dt.timedelta(minutes=one.number))
        found += writer.publish(one, due, pace=LIVELY)
    return found


def _sweep(store: Store) -> None:
    """Nobody is in the desk, so pages of the demo on the practice network belong to a broken attempt."""
    handles = [(row.handle,) for one in told.clients() for row in one.communities]
    with store.transaction():
        for handle in handles:
            rows = store.db.execute(_SWEEP_MEDIA, handle).fetchall()
            for row in rows:
                (store.media_folder / row["id"]).unlink(missing_ok=True)
            # What hangs on a community goes with it: the schema cascades.
            store.db.execute("delete from communities where handle = ?", handle)
