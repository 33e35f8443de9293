"""The job engine as a Django app, so that ``migrate`` makes its tables."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "niva.kit.jobs"
    label = "jobs"
