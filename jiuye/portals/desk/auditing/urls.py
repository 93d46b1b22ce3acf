"""Addresses below /desk/audit/."""

from django.urls import path

from jiuye.portals.desk.auditing import views

urlpatterns = [
    path("", views.looks, name="audit"),
    path("posts/", views.posts, name="audit_posts"),
    path("accounts/", views.accounts, name="audit_accounts"),
    path("log-ins/", views.log_ins, name="audit_log_ins"),
]
