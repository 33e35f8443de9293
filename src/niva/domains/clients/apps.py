from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "niva.domains.clients"
    label = "clients"
