"""Addresses of a client's money, of costs that clients share, and of the figures of a client's kind."""

from django.urls import URLPattern, path

from niva.web.money import importing, kinds, ledger, settings, shared, views

_KIND = "clients/<int:pk>/kind/"

urlpatterns: list[URLPattern] = [
    path("clients/<int:pk>/money/", views.money, name="client_money"),
    path("clients/<int:pk>/money/terms/", settings.terms, name="client_money_terms"),
    path("clients/<int:pk>/money/budget/", settings.budget, name="client_budget"),
    path("clients/<int:pk>/money/close/", settings.close_month, name="client_month_close"),
    path("clients/<int:pk>/money/ledger/", ledger.ledger, name="client_ledger"),
    path("clients/<int:pk>/money/ledger.csv", ledger.as_csv, name="client_ledger_csv"),
    path("clients/<int:pk>/money/costs/<int:cost>/correct/", ledger.correct, name="cost_correct"),
    path("clients/<int:pk>/money/import/", importing.bring, name="client_money_import"),
    path("clients/<int:pk>/money/import/write/", importing.write, name="client_money_import_write"),
    path(_KIND, kinds.kind, name="client_kind"),
    path(f"{_KIND}typed/", kinds.type_part, name="client_kind_type"),
    path(f"{_KIND}promises/new/", kinds.new, {"noun": "promise"}, name="promise_new"),
    path(f"{_KIND}promises/<int:promise>/", kinds.change, name="promise_edit"),
    path(f"{_KIND}fundraisers/new/", kinds.new, {"noun": "fundraiser"}, name="fundraiser_new"),
    path(f"{_KIND}fundraisers/<int:fundraiser>/", kinds.change, name="fundraiser_edit"),
    path(f"{_KIND}volunteers/new/", kinds.new, {"noun": "volunteer"}, name="volunteer_new"),
    path(f"{_KIND}volunteers/<int:volunteer>/", kinds.change, name="volunteer_edit"),
    path("money/shared/", shared.listing, name="shared_costs"),
    path("money/shared/<int:shared>/", shared.correct, name="shared_cost_correct"),
]
