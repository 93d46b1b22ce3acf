"""What the registry tells the rooms above it, which it must not import.

`people_changed` is sent inside the transaction that changes facts of residents, with `person_ids` (a list of integers), `on`
(the day) and `at` (the moment): whoever keeps decisions about them decides again, or fails the change with it.
"""

from __future__ import annotations

from django.dispatch import Signal

people_changed = Signal()

# The same for employers, with `employer_ids`.
employers_changed = Signal()

# Sent inside the transaction that takes dated rows off the record, with `entity` (the kind of subject that they were), `keys`, `on` and `at`:
# whoever keeps decisions about these very rows lets none of them stand.
subjects_gone = Signal()

# Sent after the commit of a change of more residents than can be decided one by one, with `batch`, `on` and `at`:
# whoever keeps decisions decides everyone again.
many_people_changed = Signal()
