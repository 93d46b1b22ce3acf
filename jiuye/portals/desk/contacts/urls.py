"""Addresses below /desk/contacts/."""

from django.urls import path

from jiuye.portals.desk.contacts import views

urlpatterns = [
    path("", views.to_do, name="to_do_next"),
    path("people/<int:person_id>/", views.of_person, name="contact_person"),
    path("employers/<int:employer_id>/", views.of_employer, name="contact_employer"),
    path("cases/<int:case_id>/", views.of_case, name="contact_case"),
    path("matters/<int:matter_id>/", views.of_matter, name="contact_matter"),
    path("loans/<int:loan_id>/", views.of_loan, name="contact_loan"),
    path("<int:contact_id>/look/", views.look, name="contact_look"),
]
