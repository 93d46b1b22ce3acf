"""Addresses below /calculator/: public, without an account."""

from django.urls import path

from jiuye.portals.resident.calculator import views

app_name = "calculator"
urlpatterns = [
    path("", views.calculator, {"audience": ""}, name="start"),
    path("<slug:audience>/", views.calculator, name="audience"),
]
