"""Reading `access.yaml`: passwords, lock-out, second factor, idle sessions, and how long what is kept of people is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, read_yaml
from jiuye.engine.basis.problems import Problems

__all__ = ["Access", "Retention", "load_access"]

FILE_NAME = "access.yaml"
CHARACTER_CLASSES = 4
BASES = {"design": "本系统的选择"}  # a document that sets the numbers would be named instead
THEN = {"erase": "期满删除", "keep": "期满也不由系统删除：转档案部门处理"}


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept, how many days, under which law, and what then happens: `erase` or `keep`."""

    key: str
    what: str
    what_en: str
    days: int
    law: str
    then: str


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of an installation. Minutes and failures are whole numbers above nought."""

    password_length: int = 10
    password_classes: int = 3
    lock_minutes: int = 15
    failures_of_account: int = 5
    failures_of_address: int = 30
    objections_of_address: int = 10
    objections_of_address_on_notice: int = 3
    open_objections_of_notice: int = 50
    second_factor: frozenset[str] = frozenset()
    idle_minutes: dict[str, int] = field(default_factory=dict)
    idle_others: int = 60
    retention: dict[str, Retention] = field(default_factory=dict)

    def idle_for(self, roles: frozenset[str]) -> int:
        """Minutes without a request after which a session of somebody with these roles ends: the strictest counts."""
        return min(
            (self.idle_minutes.get(role, self.idle_others) for role in roles), default=self.idle_others
        )


def load_access(
    folder: Path,
    *,
    roles: set[str],
    permissions: set[str],
    erasable: frozenset[str],
    problems: Problems | None = None,
) -> tuple[Access, Problems]:
    """The rules in the pack's `access.yaml`, and what is wrong with them; a pack without the file has the usual ones.

    `erasable` are the keys of what the software can erase: a rule that says `erase` of anything else would promise what nobody does.
    """
    problems = problems if problems is not None else Problems()
    path = folder / FILE_NAME
    root = read_yaml(path, problems, base=folder) if path.exists() else None
    if root is None:
        return Access(), problems
    password, lock = root.mapping("password", required=True), root.mapping("lock_out", required=True)
    second, idle = root.mapping("second_factor", required=True), root.mapping("idle_minutes", required=True)
    public = root.mapping("public_objections", required=True)
    for part in (password, lock, second, idle):
        if part is not None:
            part.text("source", required=True)
    if public is not None:
        public.choice("basis", BASES)
    needing = second.texts("permissions", required=True) if second is not None else []
    for named in needing:
        if named.text not in permissions:
            problems.add(
                named.place,
                "unknown-permission",
                zh=f"没有权限“{named.text}”；第二重验证只能按角色表里有的权限要求。",
                en=f"there is no permission '{named.text}' in the table of roles.",
            )
    access = Access(
        password_length=_number(password, "length", 10),
        password_classes=min(_number(password, "classes", 3), CHARACTER_CLASSES),
        lock_minutes=_number(lock, "minutes", 15),
        failures_of_account=_number(lock, "failures_of_account", 5),
        failures_of_address=_number(lock, "failures_of_address", 30),
        objections_of_address=_number(public, "of_address", 10),
        objections_of_address_on_notice=_number(public, "of_address_on_notice", 3),
        open_objections_of_notice=_number(public, "open_of_notice", 50),
        second_factor=frozenset(one.text for one in needing),
        idle_minutes=_by_role(idle, roles, problems),
        idle_others=_number(idle, "others", 60),
        retention=_retention(root.mapping("retention", required=True), erasable),
    )
    for part in (root, password, lock, public, second, idle):
        if part is not None:
            part.finish()
    return access, problems


def _number(part: Mapping | None, key: str, usual: int) -> int:
    found = part.whole(key, required=True) if part is not None else None
    if part is not None and found is not None and found < 1:
        part.problems.add(
            part.key_place(key),
            "not-positive",
            zh=f"“{key}”应当大于零。",
            en=f"'{key}' should be above nought.",
        )
        return usual
    return found if found is not None else usual


def _by_role(idle: Mapping | None, roles: set[str], problems: Problems) -> dict[str, int]:
    part = idle.mapping("roles", required=True) if idle is not None else None
    found = {}
    for role, place, _ in part.items() if part is not None else ():
        if role not in roles:
            problems.add(
                place,
                "unknown-role",
                zh=f"没有角色“{role}”。",
                en=f"there is no role '{role}' in the table of roles.",
            )
        found[role] = _number(part, role, 60)
    return found


def _retention(part: Mapping | None, erasable: frozenset[str]) -> dict[str, Retention]:
    found = {}
    for key, place, node in part.mappings("保存规则", "the rule of retention") if part is not None else ():
        found[key] = Retention(
            key=key,
            what=node.text("what", required=True),
            what_en=node.text("what_en", required=True),
            days=_number(node, "days", 1),
            law=node.text("law", required=True),
            then=node.choice("then", THEN),
        )
        node.finish()
        if found[key].then == "erase" and key not in erasable:
            part.problems.add(  # type: ignore[union-attr]
                place,
                "nothing-erases",
                zh=f"系统不会删除“{key}”；能按期删除的有：{'、'.join(sorted(erasable))}。",
                en=f"nothing erases '{key}'; what can be erased: {', '.join(sorted(erasable))}.",
            )
    return found
