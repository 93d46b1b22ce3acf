"""Everything that changes a case. Each checks permission, changes and records in one transaction."""

from jiuye.office.casework.operations.confirming import (
    confirm_all_automatic,
    confirm_automatic,
    confirm_on_behalf,
    confirm_own,
    reopen,
)
from jiuye.office.casework.operations.deciding import (
    accept,
    approve,
    correct,
    publicise,
    refuse,
    request_correction,
    review,
    withdraw,
)
from jiuye.office.casework.operations.handing_out import MOST_HANDED_OUT, HandedOut, hand_out_gap
from jiuye.office.casework.operations.objecting import object_to, resolve_objection
from jiuye.office.casework.operations.paying import (
    collect_payment_results,
    discard_batch,
    put_into_batch,
    refresh_payee,
    settle_batch,
    take_return_file,
)

__all__ = [
    "MOST_HANDED_OUT",
    "HandedOut",
    "accept",
    "approve",
    "collect_payment_results",
    "confirm_all_automatic",
    "confirm_automatic",
    "confirm_on_behalf",
    "confirm_own",
    "correct",
    "discard_batch",
    "hand_out_gap",
    "object_to",
    "publicise",
    "put_into_batch",
    "refresh_payee",
    "refuse",
    "reopen",
    "request_correction",
    "resolve_objection",
    "review",
    "settle_batch",
    "take_return_file",
    "withdraw",
]
