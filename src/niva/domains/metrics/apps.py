from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "niva.domains.metrics"
    label = "metrics"
