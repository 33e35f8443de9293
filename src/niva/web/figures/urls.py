"""Numbers that people bring: typed in for a community or a post, or imported from a table."""

from django.urls import path

from niva.web.figures import history, views

urlpatterns = [
    path("communities/<int:pk>/", views.community, name="figures"),
    path("communities/<int:pk>/preview/", views.preview, name="figures_preview"),
    path("communities/<int:pk>/import/", views.take_in, name="figures_import"),
    path("communities/<int:pk>/template.csv", views.template, name="figures_template"),
    path("communities/<int:pk>/history/", history.new, name="figures_history_new"),
    path("history/<int:file_id>/", history.one, name="figures_history"),
    path("history/<int:file_id>/bring/", history.bring, name="figures_history_bring"),
    path("history/<int:file_id>/back/", history.back, name="figures_history_back"),
    path("posts/<int:publication_id>/paid/", views.paid, name="figures_paid"),
    path("posts/<int:publication_id>/", views.post, name="figures_post"),
]
