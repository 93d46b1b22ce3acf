"""What funds asks the rooms above it, which it must not import.

`file_handed_out` is sent before a payment file is made, with `keys` (the claims that it pays): whoever knows one of them answers with a
list of whom it pays, as a kind (person, employer) and a key.
"""

from __future__ import annotations

from django.dispatch import Signal

file_handed_out = Signal()
