"""What goes on beside the web server of `jiuye run`, so that a demonstration needs no timer of the system."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable


class Beside(threading.Thread):
    """Does the same work again and again. What goes wrong is said once until it goes right again. Ends with `stop`."""

    def __init__(self, name: str, every_seconds: float, work: Callable[[], object], trouble: str) -> None:
        super().__init__(name=name, daemon=True)
        self.every_seconds, self.work, self.trouble = every_seconds, work, trouble
        self._ended = threading.Event()

    def run(self) -> None:
        """One round after another; the next one tries again."""
        from django.db import connection

        said = ""
        while not self._ended.wait(self.every_seconds):
            try:
                self.work()
                said = ""
            except Exception as error:  # the office goes on without this work, not without its server
                if str(error) != said:
                    said = str(error)
                    print(self.trouble.format(error=said), file=sys.stderr)
            finally:
                connection.close()

    def stop(self) -> None:
        """End after the round under way."""
        self._ended.set()
