"""Addresses below /desk/imports/."""

from django.urls import path

from jiuye.portals.desk.imports import views

urlpatterns = [
    path("", views.overview, name="imports"),
    path("upload/", views.upload, name="import_upload"),
    path("<int:batch_id>/", views.detail, name="import"),
    path("<int:batch_id>/rejected/", views.rejected, name="import_rejected"),
    path("<int:batch_id>/rejected/download/", views.download, name="import_download"),
    path("<int:batch_id>/columns/", views.remap, name="import_columns"),
    path("<int:batch_id>/accept/", views.accept, name="import_accept"),
    path("<int:batch_id>/discard/", views.discard, name="import_discard"),
    path("<int:batch_id>/undo/", views.undo, name="import_undo"),
]
