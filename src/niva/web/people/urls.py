"""Addresses of everything about people: the team, oneself, the doors."""

from __future__ import annotations

from django.urls import include, path

# Imported for its receivers: from the first request on, sign-ins are written into the trail.
from niva.web.people import entry, profile, security, team, trail

__all__ = ["security", "urlpatterns"]

urlpatterns = [
    path("people/", team.people, name="people"),
    path("people/invite/", team.invite, name="people_invite"),
    path("people/invitations/<int:pk>/renew/", team.renew, name="invitation_renew"),
    path("people/invitations/<int:pk>/revoke/", team.revoke, name="invitation_revoke"),
    path("people/<int:pk>/", team.member, name="member"),
    path("people/<int:pk>/remove/", team.remove, name="member_remove"),
    path("people/audit/", trail.audit, name="audit"),
    path("profile/", profile.profile, name="profile"),
    path("profile/tokens/", profile.make_token, name="token_make"),
    path("profile/tokens/<int:pk>/revoke/", profile.revoke_token, name="token_revoke"),
    path("workspaces/switch/", entry.switch_workspace, name="workspace_switch"),
    path("workspaces/new/", entry.new_workspace, name="workspace_new"),
    path("language/", entry.set_language, name="set_language"),
    path("invitations/<str:token>/", entry.invitation, name="invitation"),
    path("enter/<str:token>/", entry.enter, name="enter"),
    path("account/", include("niva.web.people.account_urls")),
]
