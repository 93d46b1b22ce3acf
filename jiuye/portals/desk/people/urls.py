"""Addresses below /desk/people/."""

from django.urls import path

from jiuye.portals.desk import own_accounts
from jiuye.portals.desk.people import authorities, views
from jiuye.portals.desk.registering import views as registering

urlpatterns = [
    path("", views.find, name="people"),
    path("new/", registering.person, name="person_new"),
    path("<int:person_id>/", views.detail, name="person"),
    path("<int:person_id>/account/", own_accounts.person_page, name="person_own"),
    path("<int:person_id>/account/<slug:act>/", own_accounts.of_person, name="person_account"),
    path("<int:person_id>/reveal/", views.reveal, name="person_reveal"),
    path("<int:person_id>/statuses/", views.add_status, name="person_add_status"),
    path("<int:person_id>/statuses/<int:status_id>/end/", views.end_status, name="person_end_status"),
    path("<int:person_id>/employment/", views.add_employment, name="person_add_employment"),
    path(
        "<int:person_id>/employment/<int:spell_id>/end/", views.end_employment, name="person_end_employment"
    ),
    path("<int:person_id>/household/", views.add_household, name="person_add_household"),
    path("<int:person_id>/household/leave/", views.leave_household, name="person_leave_household"),
    path("<int:person_id>/authorities/", authorities.record, name="authority_record"),
    path("<int:person_id>/authorities/<int:authority_id>/end/", authorities.end, name="authority_end"),
    path("authorities/<int:authority_id>/", authorities.paper, name="authority_paper"),
    path("<int:person_id>/correct/", views.correct, name="person_correct"),
]
