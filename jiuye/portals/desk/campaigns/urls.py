"""Addresses below /desk/campaigns/."""

from django.urls import path

from jiuye.portals.desk.campaigns import views

urlpatterns = [
    path("", views.overview, name="campaigns"),
    path("prepare/", views.prepare, name="campaign_prepare"),
    path("<int:campaign_id>/", views.one, name="campaign"),
    path("<int:campaign_id>/<slug:act>/", views.take_act, name="campaign_act"),
]
