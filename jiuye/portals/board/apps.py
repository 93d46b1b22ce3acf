from django.apps import AppConfig


class BoardConfig(AppConfig):
    name = "jiuye.portals.board"
    label = "portal_board"
