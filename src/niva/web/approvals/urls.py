"""Requests for approval: the list, asking, one request with its rounds, and the evidence."""

from django.urls import path

from niva.web.approvals import asking, evidence, views

urlpatterns = [
    path("", views.approvals, name="approvals"),
    path("ask/<int:post_id>/", asking.ask, name="approval_ask"),
    path("ask/<int:post_id>/waive/", asking.waive, name="approval_waive"),
    path("<int:approval_id>/", views.approval, name="approval"),
    path("<int:approval_id>/link/", views.link, name="approval_link"),
    path("<int:approval_id>/remind/", views.remind, name="approval_remind"),
    path("<int:approval_id>/withdraw/", views.withdraw, name="approval_withdraw"),
    path("<int:approval_id>/told/", views.told, name="approval_told"),
    path("<int:approval_id>/decide/", views.decide, name="approval_decide"),
    path("<int:approval_id>/evidence.<str:form>", evidence.evidence, name="approval_evidence"),
]
