"""Next year's budget in versions: a version's lines and contributions are changed while it is a draft and never again."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.budgeting.states import DRAWING_STATES, STATES, UNDER_WAY, pairs
from jiuye.office.funds.models import Fund
from jiuye.office.funds.models.triggers import refuse
from jiuye.office.staff.asked import Asked, ended_whole, pairs_of
from jiuye.office.staff.models import Account

ONLY_IN_A_DRAFT = (
    "1 FROM budgeting_budgetversion AS owner WHERE owner.id = NEW.version_id AND owner.state = 'draft'"
)
KEPT = pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)


@pghistory.track()
class BudgetVersion(models.Model):
    """One version of a year's budget. `facts_on` is the day of the facts that it was projected from, `pack_version` the rules.

    `assumptions` are rows {id, policy, percent, basis, by, on}: a row without a policy holds for all. `summary` holds what was left out of the
    projection and why, as plain data.
    """

    year = models.IntegerField("年度")
    number = models.IntegerField("版本号")
    state = models.CharField("状态", max_length=12, choices=list(STATES.items()), default="draft")
    facts_on = models.DateField("数据日期")
    pack_version = models.CharField("规则包版本", max_length=64)
    assumptions = models.JSONField("假定", default=list)
    summary = models.JSONField("推算说明", default=dict)
    note = models.CharField("说明", max_length=200, blank=True, default="")
    based_on = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="据以修改的版本",
    )
    drawn_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="编制人")
    drawn_on = models.DateField("编制日期")
    drawn_at = models.DateTimeField("编制时间")
    # Whoever changed a figure or an assumption of it, or of the version that it was copied from: accounts, each once.
    changed_by = models.JSONField("改动人", default=list)
    submitted_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提交人"
    )
    submitted_on = models.DateField("提交日期", null=True, blank=True)
    decided_by = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="批准或退回人",
    )
    decided_on = models.DateField("批准或退回日期", null=True, blank=True)
    document = models.CharField("批准文件", max_length=200, blank=True, default="")
    reason = models.TextField("退回理由", blank=True, default="")

    class Meta:
        verbose_name = "预算版本"
        ordering = ["-year", "-number"]
        triggers = [
            pgtrigger.FSM(name="version_walks_the_table", field="state", transitions=pairs()),
            KEPT,
            refuse(
                "version_decided_by_nobody_who_changed_it",
                "批准或退回预算的不能是改过数字或假定的人；请由另一人办理。",
                operation=pgtrigger.Update,
                condition="NEW.decided_by_id IS NOT NULL AND NEW.changed_by @> to_jsonb(NEW.decided_by_id)",
            ),
            refuse(
                "version_fixed_once_submitted",
                "提交以后，预算版本的年度、数据和假定不能修改；请另编一个版本。",
                operation=pgtrigger.Update,
                condition="OLD.state <> 'draft' AND (OLD.assumptions IS DISTINCT FROM NEW.assumptions "
                "OR OLD.summary IS DISTINCT FROM NEW.summary OR OLD.note IS DISTINCT FROM NEW.note "
                "OR OLD.facts_on IS DISTINCT FROM NEW.facts_on OR OLD.pack_version IS DISTINCT FROM NEW.pack_version "
                "OR OLD.year IS DISTINCT FROM NEW.year OR OLD.number IS DISTINCT FROM NEW.number)",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "number"],
                name="budget_version_numbered_once",
                violation_error_message="同一年度的版本号不能重复。",
            ),
            models.UniqueConstraint(
                fields=["year"],
                condition=Q(state="approved"),
                name="budget_version_approved_once_a_year",
                violation_error_message="同一年度只有一个批准的版本在执行。",
            ),
            models.CheckConstraint(
                name="budget_version_decided_by_another",
                condition=Q(decided_by__isnull=True)
                | (~Q(decided_by=F("drawn_by")) & ~Q(decided_by=F("submitted_by"))),
                violation_error_message="批准或退回预算的不能是编制人或提交人；请由另一人办理。",
            ),
            models.CheckConstraint(
                name="budget_version_decided_whole",
                condition=(
                    Q(
                        state__in=["approved", "superseded"],
                        decided_by__isnull=False,
                        decided_on__isnull=False,
                    )
                    & ~Q(document="")
                )
                | (Q(state="returned", decided_by__isnull=False, decided_on__isnull=False) & ~Q(reason=""))
                | Q(
                    state__in=["draft", "submitted", "discarded"],
                    decided_by__isnull=True,
                    decided_on__isnull=True,
                    document="",
                    reason="",
                ),
                violation_error_message="批准要写明文件，退回要写明理由，二者都要有办理人和日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.number}"


@pghistory.track()
class BudgetLine(models.Model):
    """One policy in one county: what the projection came to by its parts, and what is budgeted. Amounts in fen.

    `projected` holds what was counted (months, standing, newcomers, waiting), so that another assumption is reckoned without another sweep.
    `county_code` is empty for those whose place no register knows.
    """

    version = models.ForeignKey(
        BudgetVersion, on_delete=models.PROTECT, related_name="lines", verbose_name="预算版本"
    )
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+", verbose_name="资金")
    policy_id = models.CharField("政策", max_length=60)
    county_code = models.CharField("县（市、区）", max_length=12, blank=True, default="")
    projected = models.JSONField("推算依据", default=dict)
    known_periods = models.BigIntegerField("在册期数", default=0)
    known_fen = models.BigIntegerField("在册对象需要", default=0)
    new_periods = models.BigIntegerField("新增期数", default=0)
    new_fen = models.BigIntegerField("新增对象需要", default=0)
    carried_fen = models.BigIntegerField("结转需要", default=0)
    unknown = models.BigIntegerField("不能判定的对象", default=0)
    unknown_most_fen = models.BigIntegerField("不能判定的至多需要", default=0)
    budgeted_fen = models.BigIntegerField("预算")
    by_hand = models.CharField("人工调整的理由", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "预算项"
        triggers = [
            KEPT,
            refuse(
                "lines_change_in_a_draft",
                "提交以后，预算项不能增加或修改；请另编一个版本。",
                operation=pgtrigger.Insert | pgtrigger.Update,
                needs=ONLY_IN_A_DRAFT,
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "policy_id", "county_code"],
                name="budget_line_once_a_version",
                violation_error_message="同一版本里同一政策同一县（市、区）只有一项。",
            ),
            models.CheckConstraint(
                name="budget_line_not_negative",
                condition=Q(
                    known_fen__gte=0, new_fen__gte=0, carried_fen__gte=0, unknown__gte=0, budgeted_fen__gte=0
                ),
                violation_error_message="预算金额和人数不能为负。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.policy_id} {self.county_code}"

    @property
    def projected_fen(self) -> int:
        """All three parts together."""
        return self.known_fen + self.new_fen + self.carried_fen


@pghistory.track()
class Contribution(models.Model):
    """What one giver puts into one fund in that year: a county by its code, or municipality, higher (central and province), pool."""

    version = models.ForeignKey(
        BudgetVersion, on_delete=models.PROTECT, related_name="contributions", verbose_name="预算版本"
    )
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+", verbose_name="资金")
    giver = models.CharField("出资方", max_length=12)
    amount_fen = models.BigIntegerField("安排金额")

    class Meta:
        verbose_name = "资金安排"
        triggers = [
            KEPT,
            refuse(
                "contributions_change_in_a_draft",
                "提交以后，资金安排不能修改；请另编一个版本。",
                operation=pgtrigger.Insert | pgtrigger.Update,
                needs=ONLY_IN_A_DRAFT,
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "fund", "giver"],
                name="contribution_once_a_version",
                violation_error_message="同一版本里同一出资方对同一资金只有一笔安排。",
            ),
            models.CheckConstraint(
                name="contribution_not_negative",
                condition=Q(amount_fen__gte=0) & ~Q(giver=""),
                violation_error_message="安排金额不能为负，并且要有出资方。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.fund_id} {self.giver}"


@pghistory.track()
class Drawing(Asked):
    """A version asked for: drawn up beside the pages, since it reads everyone on record (`operations/asking.py`)."""

    year = models.IntegerField("年度")
    note = models.CharField("说明", max_length=200, blank=True, default="")
    state = models.CharField("状态", max_length=8, choices=list(DRAWING_STATES.items()), default="waiting")
    error = models.CharField("没有编成的原因", max_length=500, blank=True, default="")
    version = models.OneToOneField(
        BudgetVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="预算版本",
    )

    class Meta:
        verbose_name = "预算编制"
        triggers = [
            pgtrigger.FSM(name="drawing_walks_the_table", field="state", transitions=pairs_of("drawing")),
            KEPT,
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["year"],
                condition=Q(state__in=UNDER_WAY),
                name="one_drawing_of_a_year_at_a_time",
                violation_error_message="这一年的预算正在编制，等它结束后再编。",
            ),
            models.CheckConstraint(
                name="drawing_ended_whole",
                condition=ended_whole("version", "drawing"),
                violation_error_message="编成的要有版本，没有编成的要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"drawing:{self.pk}"
