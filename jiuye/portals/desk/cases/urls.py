"""Addresses below /desk/cases/."""

from django.urls import path

from jiuye.portals.desk import told
from jiuye.portals.desk.cases import steps_together, together, views
from jiuye.portals.desk.people import authorities

urlpatterns = [
    path("", views.listing, name="cases"),
    path("<int:case_id>/", views.detail, name="case"),
    path("<int:case_id>/acts/<slug:act>/", views.take_act, name="case_act"),
    path("<int:case_id>/objections/", views.add_objection, name="case_objection"),
    path("<int:case_id>/speaker/", authorities.case_speaker, name="case_speaker"),
    path("<int:case_id>/original/", views.show_original, name="case_original"),
    path("<int:case_id>/review/", views.ask_review, name="case_ask_review"),
    path("reviews/<int:review_id>/", views.decide_review, name="case_review"),
    path("papers/<int:evidence_id>/", views.paper, name="case_paper"),
    path("<int:case_id>/letters/<int:message_id>/", told.case_letter, name="case_letter"),
    path("together/", together.choose, name="together"),
    path("together/look/", together.look, name="together_look"),
    path("together/approve/", together.approve, name="together_approve"),
    path("together/undo/", together.undo, name="together_undo"),
    path("together/accept/", steps_together.accept, name="together_accept"),
    path("together/review/", steps_together.review, name="together_review"),
    path("together/publicise/", steps_together.publicise, name="together_publicise"),
    path("objections/<int:objection_id>/", views.resolve_objection, name="objection"),
]
