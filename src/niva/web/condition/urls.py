"""Addresses of the technical condition, under those of one community."""

from django.urls import path

from niva.web.condition import views

urlpatterns = [
    path("<int:pk>/condition/", views.condition, name="condition"),
    path("<int:pk>/condition/check/", views.check, name="condition_check"),
    path("<int:pk>/condition/progress/", views.progress, name="condition_progress"),
    path("<int:pk>/condition/<slug:item>/answer/", views.answer, name="condition_answer"),
    path("<int:pk>/condition/<slug:item>/mend/", views.mend, name="condition_mend"),
]
