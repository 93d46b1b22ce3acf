"""Pausing Python's search for circles while much is built that stays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Within, no circles of dead objects are looked for: reading a pack makes some hundred thousand objects that all live on, and
    looking through them again and again takes as long as reading does. Where it was paused already, it stays so.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        # What was built goes among the old objects at once, without the look through all of it that would come next.
        if gc.get_freeze_count() == 0:
            gc.freeze()
            gc.unfreeze()
        gc.enable()
