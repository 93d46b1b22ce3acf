"""Funds are recorded from the pack; budgets come from documents of the finance bureau, one appropriation each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.engine.ledger import Kind, Transfer
from jiuye.engine.ledger.funds_file import FundDefinition
from jiuye.office.funds.models import Budget, Fund, LedgerTransfer
from jiuye.office.funds.operations.entering import enter, open_account
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.staff.queries import Actor, require

GENERAL_LINE = "统筹"  # a budget that is not divided into lines has this one


class UnknownFundError(FundsRefusal):
    """No fund of that code is recorded."""

    def __init__(self, code: str) -> None:
        known = ", ".join(Fund.objects.order_by("code").values_list("code", flat=True)) or "—"
        super().__init__(
            gettext(
                "没有资金“%(code)s”；已登记的有：%(known)s。请在方案的 funds.yaml 里补上，或改政策的资金来源。"
            )
            % {"code": code, "known": known}
        )


class DocumentMissingError(FundsRefusal):
    """A budget without a document."""

    def __init__(self) -> None:
        super().__init__(gettext("安排预算必须写明依据的文件；没有文件的只能作演示数据。"))


class DemonstrationBudgetError(FundsRefusal):
    """Real money and pretended money do not meet in one budget."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(
            gettext("“%(budget)s”是演示数据，不能再加真实的预算；请另用一个预算项目，或在正式环境里安排。")
            % {"budget": budget}
        )


def fund_of(code: str) -> Fund:
    """The fund of that code. Raises UnknownFundError."""
    fund = Fund.objects.filter(code=code).order_by("pk").first()
    if fund is None:
        raise UnknownFundError(code)
    return fund


@transaction.atomic
def record_funds(*, funds: Iterable[FundDefinition]) -> list[Fund]:
    """Record the pack's funds and open their accounts: part of setting up an installation, safe to repeat."""
    recorded = []
    with pghistory.context(operation="funds.record_funds"):
        for definition in funds:
            source = definition.sources[0]
            fields = {
                "name": definition.name,
                "name_en": definition.name_en,
                "source_document": source.citation,
                "source_article": source.article,
                "source_url": source.url,
                "recovered_to_capital": definition.recovered_to == "capital",
            }
            fund, is_new = Fund.objects.get_or_create(code=definition.id, defaults=fields)
            if not is_new and any(getattr(fund, name) != value for name, value in fields.items()):
                for name, value in fields.items():
                    setattr(fund, name, value)
                fund.save()
            open_account(code=appropriation_code(fund.code), kind="appropriation")
            open_account(code=recipients_code(fund.code), kind="recipients")
            recorded.append(fund)
    return recorded


@transaction.atomic
def appropriate(
    *,
    actor: Actor,
    fund: str,
    year: int,
    amount_fen: int,
    document: str,
    on: date,
    at: datetime,
    line: str = GENERAL_LINE,
) -> LedgerTransfer:
    """Put money into a budget, by a document. The same document for the same line again changes nothing.

    Raises NotPermittedError, UnknownFundError, DocumentMissingError, DemonstrationBudgetError, LedgerRefusalError (the
    same document with another amount).
    """
    require(actor, "funds.budget")
    if not document.strip():
        raise DocumentMissingError
    with pghistory.context(operation="funds.appropriate"):
        budget = _budget(fund, year, line, demonstration=False)
        if budget.demonstration:
            raise DemonstrationBudgetError(budget)
        return _add(budget, amount_fen, document.strip(), on, at, actor.account_id)


@transaction.atomic
def appropriate_version(
    *,
    actor: Actor,
    fund: str,
    year: int,
    amount_fen: int,
    document: str,
    on: date,
    at: datetime,
    line: str = GENERAL_LINE,
) -> LedgerTransfer:
    """The same by whoever approves a year's budget: the document is the approval.

    Raises NotPermittedError, UnknownFundError, DocumentMissingError, DemonstrationBudgetError, LedgerRefusalError.
    """
    require(actor, "budgeting.approve")
    if not document.strip():
        raise DocumentMissingError
    with pghistory.context(operation="funds.appropriate_version"):
        budget = _budget(fund, year, line, demonstration=False)
        if budget.demonstration:
            raise DemonstrationBudgetError(budget)
        return _add(budget, amount_fen, document.strip(), on, at, actor.account_id)


@transaction.atomic
def appropriate_for_demonstration(
    *, fund: str, year: int, amount_fen: int, on: date, at: datetime, line: str = GENERAL_LINE
) -> LedgerTransfer | None:
    """Money for a demonstration, marked as such wherever it is shown: no document gives it.

    Where the line has a budget, real or for demonstration, it is left as it is, and None returned.
    Raises UnknownFundError, LedgerRefusalError.
    """
    if Budget.objects.filter(fund=fund_of(fund), year=year, line=line).exists():
        return None
    with pghistory.context(operation="funds.appropriate_for_demonstration"):
        budget = _budget(fund, year, line, demonstration=True)
        return _add(budget, amount_fen, "演示数据，没有文件", on, at, None)


def appropriation_code(fund: str) -> str:
    """The account from which a fund's budgets are filled."""
    return f"appropriation:{fund}"


def recipients_code(fund: str) -> str:
    """The account of what a fund has paid out."""
    return f"recipients:{fund}"


def budget_code(fund: str, year: int, line: str) -> str:
    """The account of one budget line of one year."""
    return f"budget:{fund}:{year}:{line}"


def _budget(fund_code: str, year: int, line: str, *, demonstration: bool) -> Budget:
    fund = fund_of(fund_code)
    account = open_account(code=budget_code(fund.code, year, line), kind="budget")
    budget, _ = Budget.objects.get_or_create(
        fund=fund, year=year, line=line, defaults={"account": account, "demonstration": demonstration}
    )
    return budget


def _add(
    budget: Budget, amount_fen: int, document: str, on: date, at: datetime, recorded_by: int | None
) -> LedgerTransfer:
    transfer = Transfer(
        key=f"appropriate:{budget.account.code}:{hashlib.sha256(document.encode()).hexdigest()[:16]}",
        kind=Kind.SINGLE,
        debit=appropriation_code(budget.fund.code),
        credit=budget.account.code,
        amount_fen=amount_fen,
        on=on,
        document=document,
    )
    return enter(transfer, recorded_by=recorded_by, at=at)
