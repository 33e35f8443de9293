"""What each verb of the audit trail says. `%(subject)s` is the thing; other names are details of the line.

Sentences name no gender and no person: who did it stands beside.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "workspace.founded": _("The workspace “%(subject)s” was founded"),
    "invitation.sent": _("%(subject)s was invited as %(role)s"),
    "invitation.renewed": _("%(subject)s got a new invitation link, the old one ended"),
    "invitation.revoked": _("The invitation of %(subject)s was revoked"),
    "invitation.accepted": _("%(subject)s accepted the invitation"),
    "member.role_changed": _("%(person)s: %(was)s before, %(now)s now"),
    "member.client_role_changed": _("%(person)s at “%(client)s”: %(now)s"),
    "member.removed": _("%(person)s left the team"),
    "token.created": _("A token of the API was made: %(subject)s"),
    "token.revoked": _("A token of the API was revoked: %(subject)s"),
    "person.signed_in": _("Signed in"),
    "person.entered_by_link": _("Entered the demo by its address"),
    "person.password_changed": _("The password was changed"),
    "person.second_step_added": _("A second step of sign-in was added: %(kind)s"),
    "person.second_step_removed": _("A second step of sign-in was removed: %(kind)s"),
    "app.registered": _("An application was registered with the server: %(subject)s"),
    "app.saved": _("The application of the network was saved: %(subject)s"),
    "app.deleted": _("The application of the network was deleted: %(subject)s"),
    "client.created": _("The client “%(subject)s” was added"),
    "client.changed": _("The client “%(subject)s” was changed"),
    "client.archived": _("The client “%(subject)s” went to the archive"),
    "client.restored": _("The client “%(subject)s” came back from the archive"),
    "client.stopped": _("Publishing was stopped for “%(subject)s”: %(reason)s"),
    "client.let_go_on": _("Publishing goes on for “%(subject)s”; it was stopped because: %(reason)s"),
    "client.silence_agreed": _("It was agreed not to count: %(what)s"),
    "client.silence_ended": _("It is counted again: %(what)s"),
    "community.added": _("The community “%(subject)s” was added"),
    "community.changed": _("The community “%(subject)s” was changed"),
    "community.connected": _("The community “%(subject)s” was connected"),
    "community.disconnected": _("The community “%(subject)s” was disconnected, its keys deleted"),
    "community.needs_login": _("The network asks to sign in again: “%(subject)s”"),
    "community.tested": _("The connection of “%(subject)s” was tested"),
    "community.archived": _("The community “%(subject)s” went to the archive"),
    "community.restored": _("The community “%(subject)s” came back from the archive"),
    "community.slots_added": _("Hours for posts were added to “%(subject)s”: %(at)s"),
    "community.slot_deleted": _("An hour for posts was deleted from “%(subject)s”: %(at)s"),
    "cost.added": _("A cost was entered: %(amount)s"),
    "cost.changed": _("A cost was corrected: %(subject)s"),
    "cost.deleted": _("A cost was deleted: %(subject)s"),
    "fact.added": _("A fact of the goal was entered: %(amount)s for %(day)s"),
    "fact.corrected": _("A fact of the goal was corrected: %(was)s before, %(now)s now"),
    "goal.opened": _("The goal “%(subject)s” was set: %(plan)s by %(deadline)s"),
    "goal.changed": _("The goal “%(subject)s” was changed"),
    "goal.closed": _("The goal “%(subject)s” was closed"),
    "media.uploaded": _("A file was uploaded: %(subject)s"),
    "post.created": _("The post “%(subject)s” was started"),
    "post.copied": _("The post “%(subject)s” was made as a copy"),
    "post.binned": _("The post “%(subject)s” went to the bin"),
    "post.scheduled": _("The post “%(subject)s” was scheduled for %(due)s"),
    "post.moved": _("The draft “%(subject)s” was moved from %(before)s to %(after)s"),
    "delivery.moved": _("Moved from %(before)s to %(after)s: %(subject)s"),
    "delivery.cancelled": _("Will not go out: %(subject)s"),
    "delivery.resumed": _("Tried again: %(subject)s"),
    "delivery.let_be": _("Left as it is: %(subject)s"),
    "delivery.said_out": _("A person said that it is out: %(subject)s"),
    "delivery.said_absent": _("A person said that it is not out: %(subject)s"),
    "publication.edited": _("What is out was edited: %(subject)s"),
    "publication.taken_down": _("What was out was deleted: %(subject)s"),
    "publication.found_missing": _("It is no longer there: %(subject)s"),
}
KINDS: dict[str, str | Promise] = {
    "totp": _("codes from an application"),
    "webauthn": _("a passkey"),
    "recovery_codes": _("recovery codes"),
}
NO_ROLE = _("no role")
