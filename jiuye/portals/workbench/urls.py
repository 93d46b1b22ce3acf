"""Addresses below /policies/."""

from django.urls import path

from jiuye.portals.workbench.views import drafts, editing, publishing, reviewing, simulating, standing

app_name = "workbench"
urlpatterns = [
    path("", standing.home, name="home"),
    path("of/<slug:policy_id>/", standing.policy, name="policy"),
    path("of/<slug:policy_id>/versions/<slug:version>/", standing.version, name="version"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("drafts/start/", drafts.start, name="start"),
    path("drafts/<int:draft_id>/", editing.edit, name="draft"),
    path("drafts/<int:draft_id>/save/", editing.save, name="save"),
    path("drafts/<int:draft_id>/check/", editing.check, name="check"),
    path("drafts/<int:draft_id>/describe/", drafts.describe, name="describe"),
    path("drafts/<int:draft_id>/files/", drafts.add_file, name="add_file"),
    path("drafts/<int:draft_id>/files/drop/", drafts.drop_file, name="drop_file"),
    path("drafts/<int:draft_id>/values/", editing.values, name="values"),
    path("drafts/<int:draft_id>/values/write/", editing.write, name="write"),
    path("drafts/<int:draft_id>/boundaries/", drafts.boundaries, name="boundaries"),
    path("drafts/<int:draft_id>/simulate/", simulating.simulate, name="simulate"),
    path("drafts/<int:draft_id>/review/", reviewing.review, name="review"),
    path("drafts/<int:draft_id>/act/<slug:act>/", reviewing.act, name="act"),
    path("drafts/<int:draft_id>/patch/", reviewing.patch, name="patch"),
    path("drafts/simulations/<int:simulation_id>/", simulating.result, name="simulation"),
    path("drafts/simulations/<int:simulation_id>/workbook/", simulating.workbook, name="workbook"),
    path("published/", publishing.published, name="published"),
    path("published/apply/", publishing.apply, name="apply"),
    path("published/<int:publication_id>/", publishing.publication, name="publication"),
    path("published/<int:publication_id>/patch/", publishing.patch, name="publication_patch"),
]
