"""Addresses below /desk/budget/."""

from django.urls import path

from jiuye.portals.desk.budget import deciding, views

urlpatterns = [
    path("", views.overview, name="budgets"),
    path("draw/", views.draw, name="budget_draw"),
    path("running-year/", views.begin_running_year, name="budget_running_year"),
    path("execution/<int:year>/", deciding.execution, name="budget_execution"),
    path("execution/<int:year>/<slug:policy_id>/<str:county>/", deciding.cases, name="budget_cases"),
    path("<int:version_id>/", views.one, name="budget"),
    path("<int:version_id>/workbook/", views.workbook, name="budget_workbook"),
    path("<int:version_id>/compare/<int:other_id>/", deciding.compare, name="budget_compare"),
    path("<int:version_id>/lines/<int:line_id>/", views.line, name="budget_line"),
    path("<int:version_id>/fund/<slug:code>/", views.fund, name="budget_fund"),
    path("<int:version_id>/assume/", views.assume, name="budget_assume"),
    path("<int:version_id>/<slug:act>/", deciding.take_act, name="budget_act"),
]
