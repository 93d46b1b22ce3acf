"""Addresses below /desk/gap/."""

from django.urls import path

from jiuye.portals.desk.gap import views

urlpatterns = [
    path("", views.overview, name="gap"),
    path("prospects/<int:prospect_id>/", views.prospect, name="gap_prospect"),
    path("<slug:policy_id>/<slug:group>/", views.listing, name="gap_list"),
    path("<slug:policy_id>/<slug:group>/download/", views.download, name="gap_download"),
]
