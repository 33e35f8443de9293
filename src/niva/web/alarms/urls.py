"""Addresses of the alarms of a client."""

from django.urls import path

from niva.web.alarms import views

urlpatterns = [
    path("clients/<int:pk>/alarms/", views.client_alarms, name="client_alarms"),
    path("clients/<int:pk>/alarms/<int:alarm>/", views.client_alarm_answer, name="client_alarm_answer"),
]
