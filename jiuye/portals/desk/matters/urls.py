"""Addresses below /desk/matters/."""

from django.urls import path

from jiuye.portals.desk import told
from jiuye.portals.desk.matters import counter, services, views
from jiuye.portals.desk.people import authorities

urlpatterns = [
    path("", views.listing, name="matters"),
    path("owed/", views.owed, name="owed_services"),
    path("start/<int:person_id>/", counter.start, name="start_matter"),
    path("start/employers/<int:employer_id>/", counter.start_employer, name="start_employer_matter"),
    path("<int:matter_id>/", views.detail, name="matter"),
    path("<int:matter_id>/form/", counter.fill_in, name="fill_matter"),
    path("<int:matter_id>/form/save/", counter.save_form, name="save_filled_matter"),
    path("<int:matter_id>/acts/<slug:act>/", views.take_act, name="matter_act"),
    path("<int:matter_id>/review/", views.ask_review, name="matter_ask_review"),
    path("refusals/<int:review_id>/", views.decide_review, name="matter_refusal_review"),
    path("<int:matter_id>/speaker/", authorities.matter_speaker, name="matter_speaker"),
    path("<int:matter_id>/seen/", counter.show_original, name="matter_seen"),
    path("<int:matter_id>/letters/<int:message_id>/", told.matter_letter, name="matter_letter"),
    path("papers/<int:evidence_id>/", views.paper, name="matter_paper"),
    path("reviews/", views.reviews, name="reviews_due"),
    path("reviews/<int:review_id>/confirm/", views.confirm_review, name="confirm_review"),
    path("<int:matter_id>/objections/", views.add_objection, name="matter_objection"),
    path("objections/<int:objection_id>/", views.resolve_objection, name="resolve_matter_objection"),
    path("<int:matter_id>/promised/<int:promised_id>/give/", services.give, name="give_service"),
    path("<int:matter_id>/promised/<int:promised_id>/close/", services.close, name="close_service"),
    path("<int:matter_id>/promised/<int:promised_id>/open/", services.reopen, name="reopen_service"),
]
