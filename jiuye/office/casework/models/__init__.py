"""What a case is made of: itself with its events, checks and objections, and what is kept beside it."""

from jiuye.office.casework.models.authorities import Authority, AuthorityUse
from jiuye.office.casework.models.beside import CaseEvidence, PaperGiven, RefusalReview, Signature
from jiuye.office.casework.models.calendar import ProvisionalYear
from jiuye.office.casework.models.cases import Case, CaseCheck, CaseEvent, Objection
from jiuye.office.casework.models.doubts import PaymentDoubt
from jiuye.office.casework.models.limits import ObjectionFromAddress
from jiuye.office.casework.models.notices import NoticeProof

__all__ = [
    "Authority",
    "AuthorityUse",
    "Case",
    "CaseCheck",
    "CaseEvent",
    "CaseEvidence",
    "NoticeProof",
    "Objection",
    "ObjectionFromAddress",
    "PaperGiven",
    "PaymentDoubt",
    "ProvisionalYear",
    "RefusalReview",
    "Signature",
]
