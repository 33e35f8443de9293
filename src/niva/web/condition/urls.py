"""Addresses of the technical condition, under those of one community."""

from django.urls import path

from niva.web.condition import views

urlpatterns = [
    path("", views.condition, name="condition"),
    path("check/", views.check, name="condition_check"),
    path("progress/", views.progress, name="condition_progress"),
    path("<slug:item>/answer/", views.answer, name="condition_answer"),
    path("<slug:item>/mend/", views.mend, name="condition_mend"),
]
