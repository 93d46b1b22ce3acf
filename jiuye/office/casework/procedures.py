"""The procedures of claiming, as this installation's pack writes them: a policy's own file (`services/subsidies/`), else `services/claims.yaml`."""

from __future__ import annotations

import os
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext

from jiuye.engine.services import (
    ClaimProcedures,
    Lookup,
    Procedure,
    Subsidy,
    load_claims,
    load_subsidies,
    needed_signatures,
)
from jiuye.engine.services.items import ITEM_LEVELS
from jiuye.office.casework.calendar import workdays_later
from jiuye.office.staff.queries import Actor, NotPermittedError
from jiuye.office.staff.roles import PERMISSIONS, ROLES

# How long a post's division code may be to decide at that level: a street's code has nine digits, a community's twelve (GB/T 10114).
LEVEL_DIGITS = {"village": 12, "street": 9, "county": 6, "city": 4}

# Which step a case waits for in each state; its workdays make the deadline.
AWAITED_STEP = {
    "confirmed": "accept",
    "accepted": "review",
    "reviewed": "publicise",
    "publicised": "approve",
    "approved": "put_into_batch",
    "payment_rejected": "put_into_batch",
    "in_payment": "record_paid",
}


class Claimed(Protocol):
    """What has a procedure: a case, or an entitlement that may become one."""

    policy_id: str
    claim: str


class ProceduresUnreadableError(RuntimeError):
    """The pack's procedures have errors, so that no case can move; `jiuye check` lists them."""

    def __init__(self, path: Path, first: str) -> None:
        super().__init__(
            gettext(
                "办理规程 %(path)s 有错误，办件暂不能办理；请政策专员运行 jiuye check 修正。第一处：%(first)s"
            )
            % {"path": path.name, "first": first}
        )


class WrongRoleError(NotPermittedError):
    """The permission is there, but the procedure gives the step to another role."""

    def __init__(self, permission: str, division_code: str, role: str) -> None:
        super().__init__(permission, division_code)
        self.args = (
            gettext("按办理规程，这个环节由%(role)s办理；请转交。") % {"role": gettext(ROLES[role])},
        )


class LevelTooLowError(NotPermittedError):
    """The role is right, but the step is decided at a higher level of division."""

    def __init__(self, permission: str, division_code: str, level: str) -> None:
        super().__init__(permission, division_code)
        self.args = (
            gettext("这个环节须由%(level)s以上的岗位办理；您的岗位管辖范围较小，请转上一级办理。")
            % {"level": gettext(ITEM_LEVELS[level])},
        )


def procedures() -> ClaimProcedures:
    """The pack's procedures, read again when the file changes. Raises ProceduresUnreadableError."""
    path = Path(settings.PACK) / "services" / "claims.yaml"
    return _read(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> ClaimProcedures:
    found, problems = load_claims(path)
    if found is None:
        raise ProceduresUnreadableError(path, problems.sorted()[0].render())
    return found


def subsidies() -> dict[str, Subsidy]:
    """The policies that have a file of their own, by their ids; read again when a file changes."""
    return _subsidies()[0]


def _subsidies() -> tuple[dict[str, Subsidy], dict[str, str]]:
    """The sound files, and what is first wrong with each of the others."""
    return _read_subsidies(Path(settings.PACK), _subsidy_files())


def _subsidy_files() -> tuple[tuple[str, int], ...]:
    """Name and time of change of each file. Asked many times a request, so that the folder is read as cheaply as can be."""
    folder = os.path.join(settings.PACK, "services", "subsidies")
    if not os.path.isdir(folder):
        return ()
    with os.scandir(folder) as files:
        return tuple(
            sorted((file.name, file.stat().st_mtime_ns) for file in files if file.name.endswith(".yaml"))
        )


def standing() -> tuple[ClaimProcedures, dict[str, Subsidy]]:
    """Both together. What is worked out from them may be kept while they are the very same objects."""
    return procedures(), subsidies()


@lru_cache(maxsize=4)
def _read_subsidies(
    folder: Path, changed: tuple[tuple[str, int], ...]
) -> tuple[dict[str, Subsidy], dict[str, str]]:
    found, problems = load_subsidies(folder)
    first: dict[str, str] = {}
    for problem in problems.sorted():
        first.setdefault(Path(problem.place.file).stem, problem.render())
    broken = {Path(name).stem for name, _ in changed} - set(found)
    return found, {policy_id: first.get(policy_id, "") for policy_id in broken}


def subsidy_of(claimed: Claimed) -> Subsidy | None:
    """The policy's own file, or None where it is claimed by `claims.yaml`. Raises ProceduresUnreadableError for a broken one."""
    sound, broken = _subsidies()
    if claimed.policy_id in broken:
        # Falling back on the general procedure would quietly ask for less than the file does.
        raise ProceduresUnreadableError(Path(f"{claimed.policy_id}.yaml"), broken[claimed.policy_id])
    return sound.get(claimed.policy_id)


def carried_by_loans() -> frozenset[str]:
    """The policies whose money is paid with a guaranteed loan: no case is opened for them, and none pays them."""
    return frozenset(row.id for row in subsidies().values() if row.carried_by == "loan")


def procedure_of(claimed: Claimed) -> Procedure:
    """The procedure: the policy's own, else that of its way of claiming (automatic, confirm, apply)."""
    own = subsidy_of(claimed)
    return own.procedure if own is not None else procedures().procedures[claimed.claim]


def signatures_needed(claimed: Claimed, amount_fen: int) -> int:
    """How many different people sign the approval of that amount."""
    return needed_signatures(procedure_of(claimed).bands or procedures().bands, amount_fen)


def usual_signatures(amount_fen: int) -> int:
    """How many different people sign that amount where nothing has bands of its own."""
    return needed_signatures(procedures().bands, amount_fen)


def lookups_of(claimed: Claimed) -> tuple[Lookup, ...]:
    """What is looked up in registers before money is promised: for everybody, and for this policy."""
    own = procedure_of(claimed).lookups
    named = {row.check for row in own}
    return (*own, *(row for row in procedures().lookups if row.check not in named))


def require_at_level(
    actor: Actor, permissions: tuple[str, ...], division_code: str, level: str, role: str = ""
) -> None:
    """Return where a post with one of the permissions (of that role, where one is named) covers the division at the level.

    Raises NotPermittedError where no post allows the act there, WrongRoleError where the procedure gives the step to
    another role, and LevelTooLowError where only a smaller post does.
    """
    allowed = [permission for permission in permissions if actor.may(permission, division_code)]
    if not allowed:
        raise NotPermittedError(permissions[0], division_code)
    mine = [scope for permission in allowed for scope in scopes_of(actor, permission, role)]
    here = [scope for scope in mine if division_code.startswith(scope)]
    if not here:
        raise WrongRoleError(allowed[0], division_code, role)
    if all(len(scope) > LEVEL_DIGITS[level] for scope in here):
        raise LevelTooLowError(allowed[0], division_code, level)


def scopes_of(actor: Actor, permission: str, role: str = "") -> list[str]:
    """The divisions over which a post of the actor (of that role, where one is named) gives the permission, sorted."""
    return sorted(
        {
            prefix
            for held, prefix, _ in actor.posts
            if permission in PERMISSIONS[held] and (not role or held == role)
        }
    )


def role_of(claimed: Claimed, act: str) -> str:
    """The role to which the procedure gives this act; empty for acts without a step of their own, and the system's."""
    return role_in(procedure_of(claimed), act)


def role_in(procedure: Procedure, act: str) -> str:
    step = procedure.step(act)
    return step.by if step is not None and step.by in ROLES else ""


def level_of(claimed: Claimed, act: str) -> str:
    """The lowest level of division that takes this act; acts without a step of their own are taken at a street."""
    return level_in(procedure_of(claimed), act)


def level_in(procedure: Procedure, act: str) -> str:
    step = procedure.step(act)
    return step.level if step is not None else "street"


def deadline(claimed: Claimed, state: str, *, start: date) -> date | None:
    """The last workday of the step that a case in `state` waits for, counted after `start`.

    None for an ended case, and where the State Council has not yet published that year's calendar.
    """
    if state == "correction_requested":
        return workdays_later(start, procedures().correction_workdays)
    act = AWAITED_STEP.get(state)
    step = procedure_of(claimed).step(act) if act else None
    return workdays_later(start, step.workdays) if step is not None else None


def promised_day(claimed: Claimed, *, start: date) -> date | None:
    """The day by which the applicant was told that the whole would be done; None as for `deadline`."""
    return workdays_later(start, procedure_of(claimed).promised_workdays)


def ways_of_appeal(on: date) -> list[dict[str, str]]:
    """The ways of appeal as a refusal of that day tells them: id, name, to, last_day."""
    return [
        {"id": row.id, "name": row.name, "to": row.to, "last_day": row.last_day(on).isoformat()}
        for row in procedures().appeals_on(on)
    ]
