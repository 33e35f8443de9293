"""Addresses of experiments."""

from django.urls import path

from niva.web.experiments import views

ONE = "clients/<int:pk>/experiments/<int:experiment>/"

urlpatterns = [
    path("clients/<int:pk>/experiments/", views.client_experiments, name="client_experiments"),
    path("clients/<int:pk>/experiments/new/", views.experiment_new, name="experiment_new"),
    path(ONE, views.experiment, name="experiment"),
    path(f"{ONE}take/", views.experiment_take, name="experiment_take"),
    path(f"{ONE}close/", views.experiment_close, name="experiment_close"),
]
