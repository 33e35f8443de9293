from django.apps import AppConfig


class PayConfig(AppConfig):
    name = "niva.domains.pay"
    label = "pay"
