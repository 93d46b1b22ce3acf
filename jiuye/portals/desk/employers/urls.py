"""Addresses below /desk/employers/."""

from django.urls import path

from jiuye.portals.desk import own_accounts
from jiuye.portals.desk.employers import views
from jiuye.portals.desk.registering import views as registering

urlpatterns = [
    path("new/", registering.employer, name="employer_new"),
    path("<int:employer_id>/", views.detail, name="employer"),
    path("<int:employer_id>/account/", own_accounts.employer_page, name="employer_own"),
    path("<int:employer_id>/account/<slug:act>/", own_accounts.of_employer, name="employer_account"),
    path("<int:employer_id>/reveal/", views.reveal, name="employer_reveal"),
    path("<int:employer_id>/correct/", views.correct, name="employer_correct"),
]
