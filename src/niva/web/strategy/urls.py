"""Addresses of a client's strategy: its steps, rows, the vision, the page for the owner."""

from django.urls import path

from niva.web.strategy import page, rows, steps, vision

urlpatterns = [
    path("<int:pk>/strategy/", steps.overview, name="strategy"),
    path("<int:pk>/strategy/guide/", steps.guide, name="strategy_guide"),
    path("<int:pk>/strategy/shares/", steps.shares, name="strategy_shares"),
    path("<int:pk>/strategy/page/", page.page, name="strategy_page"),
    path("<int:pk>/strategy/page.pdf", page.pdf, name="strategy_pdf"),
    path("<int:pk>/strategy/shown/", page.shown, name="strategy_shown"),
    path("<int:pk>/strategy/vision/", vision.visions, name="strategy_vision"),
    path("<int:pk>/strategy/vision/<int:vision>/", vision.file, name="strategy_vision_file"),
    path("<int:pk>/strategy/step/<slug:step>/", steps.step, name="strategy_step"),
    path("<int:pk>/strategy/step/<slug:step>/skip/", steps.skip, name="strategy_skip"),
    path("<int:pk>/strategy/step/<slug:step>/take-up/", steps.take_up, name="strategy_take_up"),
    path("<int:pk>/strategy/step/<slug:step>/add/", steps.add, name="strategy_row_add"),
    path("<int:pk>/strategy/<slug:table>/<int:row>/", rows.edit, name="strategy_row"),
    path("<int:pk>/strategy/<slug:table>/<int:row>/archive/", rows.archive, name="strategy_row_archive"),
    path("<int:pk>/strategy/<slug:table>/<int:row>/restore/", rows.restore, name="strategy_row_restore"),
    path("<int:pk>/strategy/<slug:table>/<int:row>/earlier/", rows.earlier, name="strategy_row_earlier"),
]
