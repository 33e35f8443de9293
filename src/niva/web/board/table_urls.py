"""The plan as a table, and its balance."""

from django.urls import path

from niva.web.board import balance, table, table_bulk, table_cells

urlpatterns = [
    path("", table.pieces, name="pieces"),
    path("balance/", balance.balance, name="balance"),
    path("balance/<int:client_id>/free/", balance.free, name="balance_free"),
    path("columns/", table.columns, name="pieces_columns"),
    path("filters/", table.save_filter, name="pieces_filter_save"),
    path("filters/<int:filter_id>/delete/", table.delete_filter, name="pieces_filter_delete"),
    path("bulk/", table_bulk.choose, name="pieces_bulk"),
    path("bulk/fields/", table_bulk.fields, name="pieces_bulk_fields"),
    path("bulk/<int:edit_id>/", table_bulk.edit, name="pieces_bulk_edit"),
    path("bulk/<int:edit_id>/run/", table_bulk.run, name="pieces_bulk_run"),
    path("bulk/<int:edit_id>/undo/", table_bulk.undo, name="pieces_bulk_undo"),
    path("<int:piece_id>/cell/<str:column>/", table_cells.cell, name="pieces_cell"),
    path("<int:piece_id>/row/", table_cells.row, name="pieces_row"),
]
