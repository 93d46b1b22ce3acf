"""Reading matters: what can be done, one's own, the desk's work, one matter whole, the public notice, plans of services."""

from jiuye.office.matters.queries.events import EventView, Given, event_form
from jiuye.office.matters.queries.lists import (
    counter_drafts,
    matter_of_objection,
    matter_of_refusal_review,
    matter_of_review,
    matters_of,
    noticed,
    objections_to_answer,
    own_matters,
    reviews_due,
    search_matters,
    todays_matters,
    visible_matters,
)
from jiuye.office.matters.queries.menu import MenuRow, items_for, life_events_for, menu
from jiuye.office.matters.queries.one import MatterView, counter_matter, own_matter, seen_matter
from jiuye.office.matters.queries.services import (
    CountyServices,
    owed,
    promises,
    services_by_county,
    services_to_give,
    with_work,
    work_begun,
    work_words,
)

__all__ = [
    "CountyServices",
    "EventView",
    "Given",
    "MatterView",
    "MenuRow",
    "counter_drafts",
    "counter_matter",
    "event_form",
    "items_for",
    "life_events_for",
    "matter_of_objection",
    "matter_of_refusal_review",
    "matter_of_review",
    "matters_of",
    "menu",
    "noticed",
    "objections_to_answer",
    "owed",
    "own_matter",
    "own_matters",
    "promises",
    "reviews_due",
    "search_matters",
    "seen_matter",
    "services_by_county",
    "services_to_give",
    "todays_matters",
    "visible_matters",
    "with_work",
    "work_begun",
    "work_words",
]
