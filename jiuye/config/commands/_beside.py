"""What goes on beside the web server of `jiuye run`, so that a demonstration needs no timer of the system.

What waits for others (a gateway's answer) runs in a thread. What computes for minutes is a command in a process of its own, so
that the pages do not share their interpreter with it: the thread only looks whether something waits.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence

MOST_PAUSE_SECONDS = 60
NICE = 10  # below the pages, which somebody waits for
ENDING_SECONDS = 5


class Beside(threading.Thread):
    """Does the same work again and again. What goes wrong is said once until it goes right again. Ends with `stop`.

    While it goes wrong the pauses grow, so that what cannot even begin is not begun anew every other second.
    """

    def __init__(self, name: str, every_seconds: float, work: Callable[[], object], trouble: str) -> None:
        super().__init__(name=name, daemon=True)
        self.every_seconds, self.work, self.trouble = every_seconds, work, trouble
        self._ended = threading.Event()

    def run(self) -> None:
        """One round after another; the next one tries again."""
        from django.db import connection

        said, pause = "", self.every_seconds
        while not self._ended.wait(pause):
            try:
                self.work()
                said, pause = "", self.every_seconds
            except Exception as error:  # the office goes on without this work, not without its server
                pause = min(2 * pause, max(self.every_seconds, MOST_PAUSE_SECONDS))
                if str(error) != said:
                    said = str(error)
                    self.say(error)
            finally:
                connection.close()

    def say(self, error: Exception) -> None:
        """What went wrong, where the server says such things."""
        print(self.trouble.format(error=error), file=sys.stderr)

    def stop(self) -> None:
        """End after the round under way."""
        self._ended.set()


class ChildFailedError(RuntimeError):
    """The command did not end well; the text is what it said last, or how it ended where it said nothing."""

    def __init__(self, command: str, code: int, output: str) -> None:
        lines = output.strip().splitlines()
        self.output = "\n".join(lines[:-1])
        super().__init__(
            lines[-1] if lines else f"jiuye {command} 以 {code} 结束 / jiuye {command} ended with {code}"
        )


class BesideInAProcess(Beside):
    """Looks whether something waits, and has a command carry it out in a process of its own, at a lower priority.

    `stop` ends that process too. Where this one is killed, the command goes on to its end by itself; whoever starts meanwhile must
    be able to tell that it does, so `waits` says no to what is being worked on. `shown`: what it says stands on the server's own console,
    as it says it.
    """

    def __init__(
        self,
        name: str,
        every_seconds: float,
        *,
        waits: Callable[[], bool],
        command: str,
        trouble: str,
        arguments: Sequence[str] = (),
        shown: bool = False,
    ) -> None:
        super().__init__(name, every_seconds, self._round, trouble)
        self.waits, self.command, self.arguments, self.shown = waits, command, arguments, shown
        self._guard = threading.Lock()
        self._child: subprocess.Popen[str] | None = None

    def _round(self) -> None:
        from django.db import connection

        if not self.waits():
            return
        connection.close()  # minutes may pass, and nothing is asked of it meanwhile
        self._carry_out()

    def say(self, error: Exception) -> None:
        """As every work does; before it, of a mistake of ours, where it came from."""
        if isinstance(error, ChildFailedError) and error.output:
            print(error.output, file=sys.stderr)
        super().say(error)

    def _carry_out(self) -> None:
        """The command from its start to its end. Raises ChildFailedError, unless it was us who ended it."""
        # What it writes down on the way is about everybody: it goes with the room, however the process ends.
        with tempfile.TemporaryDirectory(prefix="jiuye-beside-", ignore_cleanup_errors=True) as room:
            child = self._process(room)
            if child is None:
                return
            output, _ = child.communicate()
            with self._guard:
                self._child = None
        if child.returncode and not self._ended.is_set():
            raise ChildFailedError(self.command, child.returncode, output or "")

    def _process(self, room: str) -> subprocess.Popen[str] | None:
        """The process, or None where we were told to stop before it began."""
        with self._guard:
            if self._ended.is_set():
                return None
            self._child = child = subprocess.Popen(
                [sys.executable, "-m", "jiuye.config.cli", self.command, *self.arguments],
                env={**os.environ, "TMPDIR": room},
                stdin=subprocess.DEVNULL,
                stdout=None if self.shown else subprocess.PIPE,
                stderr=None if self.shown else subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C is for the server, which then ends it
            )
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, child.pid, NICE)
        return child

    def stop(self) -> None:
        """End now, and the process with us: what it was doing is begun again after the next start."""
        super().stop()
        with self._guard:
            if self._child is not None:
                self._child.terminate()
        if self.is_alive():
            self.join(ENDING_SECONDS)
        with self._guard:
            if self._child is not None:
                self._child.kill()
        if self.is_alive():
            self.join(ENDING_SECONDS)
