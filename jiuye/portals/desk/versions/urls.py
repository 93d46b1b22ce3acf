"""Addresses below /desk/versions/."""

from django.urls import path

from jiuye.portals.desk.versions import views

urlpatterns = [path("<slug:policy_id>/<slug:version>/", views.version, name="version")]
