"""The community of the matters' tests: its officers and residents."""

from tests.office.matters.conftest import _pack, approver, divisions, me, person, reviewer, station  # noqa: F401
