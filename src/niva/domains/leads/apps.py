from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "niva.domains.leads"
    label = "leads"
