"""The plan in and out, its links, events and ideas."""

from django.urls import path

from niva.web.sheets import bringing, ideas, linking, taking, year

urlpatterns = [
    path("import/", bringing.start, name="plan_import"),
    path("import/<int:import_id>/", bringing.page, name="plan_import_show"),
    path("import/<int:import_id>/sheet/", bringing.choose_sheet, name="plan_import_sheet"),
    path("import/<int:import_id>/columns/", bringing.mapping, name="plan_import_mapping"),
    path("import/<int:import_id>/wrong.xlsx", bringing.wrong, name="plan_import_wrong"),
    path("import/<int:import_id>/<str:doing>/", bringing.act, name="plan_import_act"),
    path("export/", taking.page, name="plan_export"),
    path("links/", linking.page, name="plan_links"),
    path("links/<int:link_id>/end/", linking.end, name="plan_link_end"),
    path("for/<str:token>/", linking.read, name="plan_for"),
    path("events/", year.page, name="plan_events"),
    path("events/make/", year.make, name="plan_event_make"),
    path("events/hide/", year.hide, name="plan_event_hide"),
    path("events/<int:event_id>/delete/", year.delete, name="plan_event_delete"),
    path("ideas/", ideas.page, name="plan_ideas"),
    path("ideas/make/", ideas.make, name="plan_idea_make"),
]
