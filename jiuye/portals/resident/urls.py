"""Addresses below /my/."""

from django.urls import path

from jiuye.portals.resident import views

app_name = "resident"
urlpatterns = [path("", views.home, name="home")]
