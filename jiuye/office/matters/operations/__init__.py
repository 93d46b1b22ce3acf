"""The acts on matters."""

from jiuye.office.matters.operations.closing import close_service, open_service_again
from jiuye.office.matters.operations.deciding import conditions_of, refuse, request_correction, take, withdraw
from jiuye.office.matters.operations.evidencing import attach, read_file, show_original
from jiuye.office.matters.operations.following import give_service
from jiuye.office.matters.operations.objecting import (
    look_at_objectors_contact,
    note_objector_answered,
    object_in_public,
    object_to,
    resolve_objection,
)
from jiuye.office.matters.operations.overturning import ask_review, decide_review
from jiuye.office.matters.operations.reviewing import confirm_review, end_granted, open_due_reviews
from jiuye.office.matters.operations.speaking import change_speaker
from jiuye.office.matters.operations.starting import hand_in, save, start
from jiuye.office.matters.operations.together import Outcome, Paper, begin_event, keep_event

__all__ = [
    "Outcome",
    "Paper",
    "ask_review",
    "attach",
    "begin_event",
    "change_speaker",
    "close_service",
    "conditions_of",
    "confirm_review",
    "decide_review",
    "end_granted",
    "give_service",
    "hand_in",
    "keep_event",
    "look_at_objectors_contact",
    "note_objector_answered",
    "object_in_public",
    "object_to",
    "open_due_reviews",
    "open_service_again",
    "read_file",
    "refuse",
    "request_correction",
    "resolve_objection",
    "save",
    "show_original",
    "start",
    "take",
    "withdraw",
]
