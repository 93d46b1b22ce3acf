"""Addresses below /desk/."""

from django.urls import path

from jiuye.portals.desk import views

app_name = "desk"
urlpatterns = [path("", views.home, name="home")]
