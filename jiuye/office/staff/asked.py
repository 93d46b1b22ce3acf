"""Work that is asked for in a page and done beside it, because it takes longer than a page may: whatever dies meanwhile is begun again.

1. A row says what is wanted, who asked, and how far it is; what waits or is under way at once is held by a constraint of its table.
2. One process at a time works on a row, under an advisory lock of its session, which a killed process loses.
3. What comes of the work and the row's end are one transaction, so that it is never done twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import pghistory
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.utils import InterfaceError, OperationalError
from django.utils.translation import gettext

from jiuye.office.staff.alone import alone_with, being_worked_on
from jiuye.office.staff.models import Account

MOST_TRIES = 3
log = logging.getLogger(__name__)


class Asked(models.Model):
    """One row of asked work. A model adds `state` with its words, what is wanted, and a key to what came of it."""

    state: models.CharField[str, str]
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="提出人")
    asked_on = models.DateField("数据日期")
    asked_at = models.DateTimeField("提出时间")
    begun_at = models.DateTimeField("开始时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    tries = models.IntegerField("次数", default=0)
    error = models.CharField("没有做成的原因", max_length=500, blank=True, default="")

    class Meta:
        abstract = True


def under_way(working: str) -> tuple[str, str]:
    """The states of a row that has not ended."""
    return ("waiting", working)


def levels_of(working: str) -> dict[str, str]:
    """The light of each state."""
    return {"waiting": "none", working: "none", "done": "good", "failed": "bad"}


def pairs_of(working: str) -> list[tuple[str, str]]:
    """Every (from, to) of a row whose state is `working` while somebody works on it: what the database's own trigger allows."""
    return sorted([("waiting", working), (working, "done"), (working, "failed")])


def ended_whole(result: str, working: str) -> Q:
    """Only what is done has a `result`, and only what failed a reason."""
    nothing, something = Q(**{f"{result}__isnull": True}), Q(**{f"{result}__isnull": False})
    return (
        Q(state__in=under_way(working), error="") & nothing
        | Q(state="done", error="") & something
        | Q(state="failed") & nothing & ~Q(error="")
    )


Row = TypeVar("Row", bound=Asked)


@dataclass(frozen=True)
class Work(Generic[Row]):
    """One kind of asked work: where its rows are, and what is done with one.

    `do` carries one row out and hands what came of it to the function that it is given, in the transaction that keeps it: the row ends with
    it. `refused` gives the sentence of an error that is no mistake of ours, or None. `given_up` and `broke` are sentences still to be
    translated, with the `number` of tries and with the `error`'s name. `asks`, `begins` and `fails` are what the history calls these acts.
    """

    model: type[Row]
    lock_class: int  # the number space of its advisory locks
    working: str
    result: str  # the field of what came of it
    do: Callable[[Row, Callable[[], datetime], Callable[[object], None]], object]
    refused: Callable[[Exception], str | None]
    given_up: str
    broke: str
    asks: str
    begins: str
    fails: str

    def asked_once(self, found: Callable[[], Row | None], **wanted: object) -> Row:
        """The row under way that `found` finds, else a new one that wants this; also where somebody asks at the same moment."""
        try:
            with transaction.atomic(), pghistory.context(operation=self.asks):
                return found() or self.model._default_manager.create(**wanted)
        except IntegrityError:
            there = found()
            if there is None:
                raise
            return there

    def waits(self) -> bool:
        """True where a row is under way and nobody works on it: cheap enough to be asked every other second."""
        numbers = self._under_way()
        return bool(numbers) and not being_worked_on(self.lock_class).issuperset(
            number % 2**31 for number in numbers
        )

    def carry_out(self, *, clock: Callable[[], datetime]) -> list[Row]:
        """Do whatever was asked for and nobody works on; the rows that ended. Safe at any time, several times at once, and to be killed at any moment."""
        ended = []
        for number in self._under_way():
            with alone_with(self.lock_class, number % 2**31) as ours:
                if ours and self.begun(number, clock()):
                    ended.append(self._done(number, clock))
        return ended

    def _under_way(self) -> list[int]:
        rows = self.model._default_manager.filter(state__in=under_way(self.working)).order_by("pk")
        return list(rows.values_list("pk", flat=True))

    def begun(self, number: int, at: datetime) -> bool:
        """Note that we begin. False where it has ended meanwhile, or was begun too often."""
        with transaction.atomic(), pghistory.context(operation=self.begins):
            row = self._locked_row(number)
            if row.state not in under_way(self.working):
                return False
            given_up = row.tries >= MOST_TRIES
            if not given_up:
                row.state, row.begun_at, row.tries = self.working, at, row.tries + 1
                row.save(update_fields=["state", "begun_at", "tries"])
        if given_up:
            self._failed(number, gettext(self.given_up) % {"number": MOST_TRIES}, at)
        return not given_up

    def _done(self, number: int, clock: Callable[[], datetime]) -> Row:
        row = self.model._default_manager.select_related("asked_by").get(pk=number)

        def kept(result: object) -> None:
            row.state, row.ended_at = "done", clock()
            setattr(row, self.result, result)
            row.save(update_fields=["state", self.result, "ended_at"])

        try:
            self.do(row, clock, kept)
        except (OperationalError, InterfaceError):
            raise  # the database went away: the next round begins it again
        except Exception as error:
            sentence = self.refused(error)
            if sentence is None:
                log.exception("%s %s failed", self.model.__name__, number)
                sentence = gettext(self.broke) % {"error": type(error).__name__}
            return self._failed(number, sentence, clock())
        return row

    def _failed(self, number: int, error: str, at: datetime) -> Row:
        with transaction.atomic(), pghistory.context(operation=self.fails):
            row = self._locked_row(number)
            row.state, row.error, row.ended_at = "failed", error[:500], at
            row.save(update_fields=["state", "error", "ended_at"])
        return row

    def _locked_row(self, number: int) -> Row:
        return self.model._default_manager.select_for_update(of=["self"]).get(pk=number)
