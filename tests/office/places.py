"""扬州 in the small: two counties, each with a street and a community, for tests that need divisions."""

from __future__ import annotations

from jiuye.office.registry.models import Division

VILLAGE, OTHER_VILLAGE = "321002001001", "321003001001"
ROWS = [
    ("3210", "扬州市", "city", None),
    ("321002", "广陵区", "county", "3210"),
    ("321003", "邗江区", "county", "3210"),
    ("321002001", "东关街道", "street", "321002"),
    ("321003001", "邗上街道", "street", "321003"),
    (VILLAGE, "琼花观社区", "village", "321002001"),
    (OTHER_VILLAGE, "兰庄社区", "village", "321003001"),
]


def make_divisions() -> None:
    """Put the two counties with what lies below them on record."""
    for code, name, kind, parent in ROWS:
        Division.objects.create(code=code, name=name, kind=kind, parent_id=parent)
