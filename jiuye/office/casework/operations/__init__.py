"""Everything that changes a case. Each checks permission, changes and records in one transaction."""

from jiuye.office.casework.operations.approving import approve, undo_approval
from jiuye.office.casework.operations.authorizing import (
    change_speaker,
    read_authority_file,
    record_authority,
    withdraw_authority,
)
from jiuye.office.casework.operations.claiming_back import (
    confirm_claim_back,
    drop_claim_back,
    propose_claim_back,
    receive_back,
    undo_receipt,
    waive_back,
    why_claim_not_theirs,
)
from jiuye.office.casework.operations.confirming import (
    confirm_all_automatic,
    confirm_automatic,
    confirm_on_behalf,
    confirm_own,
    confirm_relative,
    reopen,
)
from jiuye.office.casework.operations.correcting import correct, request_correction
from jiuye.office.casework.operations.deciding import (
    accept,
    publicise,
    refuse,
    review,
    withdraw,
)
from jiuye.office.casework.operations.evidencing import attach, read_file, show_original
from jiuye.office.casework.operations.handing_out import MOST_HANDED_OUT, HandedOut, hand_out_gap
from jiuye.office.casework.operations.looking_back import LookedBack, look_back, settle_doubt
from jiuye.office.casework.operations.objecting import (
    look_at_objectors_contact,
    note_objector_answered,
    object_in_public,
    object_to,
    resolve_objection,
)
from jiuye.office.casework.operations.overturning import ask_review, decide_review
from jiuye.office.casework.operations.paying import (
    collect_payment_results,
    confirm_account,
    discard_batch,
    give_up_batch,
    put_into_batch,
    refresh_payee,
    settle_batch,
    take_return_file,
)
from jiuye.office.casework.operations.sending import BatchNoLongerPayableError, send_batch
from jiuye.office.casework.operations.steps_together import step_together
from jiuye.office.casework.operations.taking_over import (
    ClaimNotHereError,
    NothingToTakeOverError,
    NotPossiblyPaidError,
    assign_lost_payment,
    take_over_paid_batch,
)
from jiuye.office.casework.operations.together import Acted, approve_together, undo_together

__all__ = [
    "MOST_HANDED_OUT",
    "Acted",
    "BatchNoLongerPayableError",
    "ClaimNotHereError",
    "HandedOut",
    "LookedBack",
    "NotPossiblyPaidError",
    "NothingToTakeOverError",
    "accept",
    "approve",
    "approve_together",
    "ask_review",
    "assign_lost_payment",
    "attach",
    "change_speaker",
    "collect_payment_results",
    "confirm_account",
    "confirm_all_automatic",
    "confirm_automatic",
    "confirm_claim_back",
    "confirm_on_behalf",
    "confirm_own",
    "confirm_relative",
    "correct",
    "decide_review",
    "discard_batch",
    "drop_claim_back",
    "give_up_batch",
    "hand_out_gap",
    "look_at_objectors_contact",
    "look_back",
    "note_objector_answered",
    "object_in_public",
    "object_to",
    "propose_claim_back",
    "publicise",
    "put_into_batch",
    "read_authority_file",
    "read_file",
    "receive_back",
    "record_authority",
    "refresh_payee",
    "refuse",
    "reopen",
    "request_correction",
    "resolve_objection",
    "review",
    "send_batch",
    "settle_batch",
    "settle_doubt",
    "show_original",
    "step_together",
    "take_over_paid_batch",
    "take_return_file",
    "undo_approval",
    "undo_receipt",
    "undo_together",
    "waive_back",
    "why_claim_not_theirs",
    "withdraw",
    "withdraw_authority",
]
