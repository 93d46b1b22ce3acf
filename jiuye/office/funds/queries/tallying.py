"""What stands beside the ledger held to it: accounts, budgets, reservations and lines, each to the entries that the chain covers."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext

from jiuye.office.funds.documents import HOLDING, holding_document, posting_document
from jiuye.office.funds.models import Budget, LedgerAccount, LedgerTransfer, PaymentLine, Reservation
from jiuye.office.funds.states import ACCOUNT_LIMITS


def tally_faults() -> Iterator[str]:
    """A sentence for everything beside the ledger that its entries do not bear out."""
    yield from _account_faults()
    yield from _budget_faults()
    yield from _reservation_faults()
    yield from _posting_faults()


def _account_faults() -> Iterator[str]:
    """The kind is told from the code, which every entry's digest holds, and the limit from the kind."""
    for account in LedgerAccount.objects.order_by("code"):
        kind = account.code.partition(":")[0]
        if account.kind != kind or account.limit != ACCOUNT_LIMITS.get(kind):
            yield gettext(
                "账户“%(account)s”的类别或余额限制（%(kind)s、%(limit)s）不是这种账户应有的：被改动。"
            ) % {"account": account.code, "kind": account.kind, "limit": account.limit}


def _budget_faults() -> Iterator[str]:
    for budget in Budget.objects.select_related("fund", "account").order_by("pk"):
        code = f"budget:{budget.fund.code}:{budget.year}:{budget.line}"
        if budget.account.code != code:
            yield gettext("预算“%(budget)s”的资金、年度或项目与它的账户“%(account)s”不符：被改动。") % {
                "budget": budget,
                "account": budget.account.code,
            }


def _reservation_faults() -> Iterator[str]:
    reservations = Reservation.objects.filter(held_by=OuterRef("pk"))
    alone = LedgerTransfer.objects.filter(~Exists(reservations), kind="pending")
    for key in alone.order_by("pk").values_list("key", flat=True):
        yield gettext("账目“%(key)s”预留了资金，却没有对应的预留记录：预留被删除。") % {"key": key}
    finished = LedgerTransfer.objects.filter(pending=OuterRef("held_by"))
    rows = Reservation.objects.select_related("held_by__debit", "budget").annotate(ended=Exists(finished))
    for row in rows.order_by("pk").iterator(chunk_size=2000):
        held = row.held_by
        if (row.state == "held") == row.ended:
            yield gettext("预留“%(claim)s”记为“%(state)s”，与它的账目是否支付或释放不符：被改动。") % {
                "claim": row.claim_key,
                "state": row.get_state_display(),
            }
        if held.debit_id != row.budget.account_id:
            yield gettext("预留“%(claim)s”记在预算“%(budget)s”，账目却不在它的账户上：被改动。") % {
                "claim": row.claim_key,
                "budget": row.budget_id,
            }
        # Entries made before counties were covered say nothing of theirs.
        if held.document.startswith(HOLDING) and held.document != holding_document(row.county_code):
            yield gettext("预留“%(claim)s”的县（市、区）与预留时不同：被改动。") % {"claim": row.claim_key}


def _posting_faults() -> Iterator[str]:
    lines = PaymentLine.objects.filter(posted=OuterRef("pk"))
    alone = LedgerTransfer.objects.filter(~Exists(lines), kind="post")
    for key in alone.order_by("pk").values_list("key", flat=True):
        yield gettext("账目“%(key)s”支付了资金，却没有对应的付款明细：明细被删除或改动。") % {"key": key}
    back = PaymentLine.objects.filter(reversed_by=OuterRef("pk"))
    reversals = LedgerTransfer.objects.filter(~Exists(back), kind="reverse")
    for key in reversals.order_by("pk").values_list("key", flat=True):
        yield gettext("账目“%(key)s”冲回了支付，却没有对应的付款明细：明细被删除或改动。") % {"key": key}
    paid = PaymentLine.objects.filter(posted__isnull=False).select_related("posted").defer("payee_account")
    for line in paid.order_by("pk").iterator(chunk_size=2000):
        assert line.posted is not None
        known = (posting_document(line.line_key, line.bank_reference), posting_document(line.line_key))
        if line.posted.document not in known:
            yield gettext("付款“%(line)s”的银行流水号与入账时的不同：被改动。") % {"line": line.line_key}
