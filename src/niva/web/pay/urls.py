"""Addresses of pay: months, sheets, agreements."""

from django.urls import path

from niva.web.pay import agreements, views

urlpatterns = [
    path("", views.everybody, name="pay"),
    path("people/<int:person>/<str:month>/", views.of_person, name="pay_month"),
    path("people/<int:person>/<str:month>/close/", views.close, name="pay_close"),
    path("sheets/<int:sheet>/paid/", views.paid, name="pay_paid"),
    path("sheets/<int:sheet>/reopen/", views.reopen, name="pay_reopen"),
    path("sheets/<int:sheet>/correct/", views.correct, name="pay_correct"),
    path("sheets/<int:sheet>/xlsx/", views.xlsx, name="pay_xlsx"),
    path("agreements/", agreements.listing, name="agreements"),
    path("agreements/new/", agreements.new, name="agreement_new"),
    path("agreements/<int:agreement>/change/", agreements.change, name="agreement_change"),
    path("agreements/<int:agreement>/end/", agreements.end, name="agreement_end"),
    path("agreements/<int:agreement>/drop/", agreements.drop, name="agreement_drop"),
]
