"""The acts on matters."""

from jiuye.office.matters.operations.deciding import conditions_of, refuse, request_correction, take, withdraw
from jiuye.office.matters.operations.evidencing import attach, read_file, show_original
from jiuye.office.matters.operations.following import give_service
from jiuye.office.matters.operations.starting import hand_in, save, start

__all__ = [
    "attach",
    "conditions_of",
    "give_service",
    "hand_in",
    "read_file",
    "refuse",
    "request_correction",
    "save",
    "show_original",
    "start",
    "take",
    "withdraw",
]
