from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "niva.domains.people"
    label = "people"
