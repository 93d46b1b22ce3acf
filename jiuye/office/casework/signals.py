"""What casework tells the rooms above it, which it must not import.

`results_taken` is sent whenever the bank's answers were taken for cases, with `on` (the day) and `at` (the moment): whoever has claims
of other kinds takes theirs. It may be sent twice for one answer, so that a receiver looks for what it has not recorded yet.
"""

from __future__ import annotations

from django.dispatch import Signal

results_taken = Signal()
