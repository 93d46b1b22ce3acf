"""Whether the borrower of a loan is still there, asked before the fund answers for it."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext

from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.states import LoanRefusal


class BorrowerGoneError(LoanRefusal):
    """The founder has died, or the business was closed: nobody is there to borrow."""

    def __init__(self, gone_on: date, *, died: bool) -> None:
        words = (
            gettext("登记显示这位创业者已于 %(day)s 死亡，不能申请或担保贷款；请核对登记，属实的不予担保。")
            if died
            else gettext(
                "登记显示这个单位已于 %(day)s 注销，不能申请或担保贷款；请核对登记，属实的不予担保。"
            )
        )
        super().__init__(words % {"day": gone_on.isoformat()})


@unscoped("a founder may live, and a business lie, in another county than whoever is asked")
def require_borrower_there(*, person_id: int | None, employer_id: int, on: date) -> None:
    """Return where neither the founder of a personal loan has died nor the business was closed by that day. Raises BorrowerGoneError."""
    died = Person.objects.filter(pk=person_id, death_date__lte=on).order_by("pk")
    if (death := died.values_list("death_date", flat=True).first()) is not None:
        raise BorrowerGoneError(death, died=True)
    closed = Employer.objects.filter(pk=employer_id, closed_on__lte=on).order_by("pk")
    if (closing := closed.values_list("closed_on", flat=True).first()) is not None:
        raise BorrowerGoneError(closing, died=False)
