"""Addresses of leads and of the funnel, and the doors by which leads come from outside."""

from django.urls import path

from niva.web.leads import doors, funnel, listing, one, public

urlpatterns = [
    path("clients/<int:pk>/leads/", listing.leads, name="client_leads"),
    path("clients/<int:pk>/leads/new/", listing.new, name="lead_new"),
    path("clients/<int:pk>/leads/import/", listing.bring, name="lead_import"),
    path("clients/<int:pk>/leads/import/keep/", listing.keep, name="lead_import_keep"),
    path("clients/<int:pk>/leads/import/template/", listing.template, name="lead_import_template"),
    path("clients/<int:pk>/leads/doors/", doors.doors, name="lead_doors"),
    path("clients/<int:pk>/leads/doors/<int:door>/close/", doors.close, name="lead_door_close"),
    path("clients/<int:pk>/leads/links/", doors.links, name="lead_links"),
    path("clients/<int:pk>/leads/<int:lead>/", one.lead, name="lead"),
    path("clients/<int:pk>/leads/<int:lead>/move/", one.move, name="lead_move"),
    path("clients/<int:pk>/leads/<int:lead>/change/", one.change, name="lead_change"),
    path("clients/<int:pk>/leads/<int:lead>/says/", one.says, name="lead_says"),
    path("clients/<int:pk>/leads/<int:lead>/said/", one.said, name="lead_said"),
    path("clients/<int:pk>/leads/<int:lead>/apart/", one.apart, name="lead_apart"),
    path("clients/<int:pk>/leads/<int:lead>/erase/", one.erase, name="lead_erase"),
    path("clients/<int:pk>/funnel/", funnel.funnel, name="client_funnel"),
    path("form/<str:token>/", public.form, name="lead_form"),
    path("form/<str:token>/thanks/", public.thanks, name="lead_form_thanks"),
    path("hook/<str:token>/", public.hook, name="lead_hook"),
]
