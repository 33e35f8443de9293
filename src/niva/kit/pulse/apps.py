"""Signs of life as a Django app, so that `migrate` makes its tables."""

from django.apps import AppConfig


class PulseConfig(AppConfig):
    name = "niva.kit.pulse"
    label = "pulse"
