"""Addresses below /gallery/; only on a demonstration or a development installation."""

from django.urls import path

from jiuye.portals.gallery import views

app_name = "gallery"
urlpatterns = [path("", views.show, name="show"), path("reveal/", views.reveal, name="reveal")]
