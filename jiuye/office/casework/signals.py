"""What casework tells the rooms above it, which it must not import.

`results_taken` is sent whenever the bank's answers were taken for cases, with `on` (the day) and `at` (the moment): whoever has claims
of other kinds takes theirs. It may be sent twice for one answer, so that a receiver looks for what it has not recorded yet.

`about_to_send` is sent before a batch goes to the bank, with `keys` (the claims in it that are no cases), `actor`, `on` and `at`: whoever
knows one of them looks at its recipient again and answers with a list of (what it is called, the findings that failed).

`about_to_take_over` is sent while what the bank paid and a restore lost is taken over, with `keys` (its claims that are no cases) and
`actor`: whoever knows one of them answers with a list of whom it pays (funds' `Claim`), or raises a refusal where it cannot be booked yet.

`looking_for_claims` is sent with `rows`, lost payments whose recipients are known: whoever has claims of their kinds answers with a list of
(key of the payment, a claim that it may have paid: `lost.PossibleClaim`). `lost_payment_assigned` is sent in the transaction in which one was said to be a claim's, with
`claim_key`, `details`, `note`, `actor`, `on` and `at`: whoever knows the claim keeps it among its events.

`claim_moved` is sent in the transaction in which a claim for money back that is no case's was confirmed, dropped, paid on or given up, with
`recovery`, `act`, `amount_fen` (what was received; else nought), `note`, `actor`, `on` and `at`. `about_to_waive` is sent before somebody
signs that the rest of such a claim is given up, `about_to_decide` before anything about one is decided, with `claim_key` and `actor`: whoever
knows why that one may not raises a refusal.
"""

from __future__ import annotations

from django.dispatch import Signal

results_taken = Signal()
about_to_send = Signal()
about_to_take_over = Signal()
looking_for_claims = Signal()
lost_payment_assigned = Signal()
claim_moved = Signal()
about_to_waive = Signal()
about_to_decide = Signal()
