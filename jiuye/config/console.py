"""What a long command shows while it works: one line a step, with the seconds, for terminals and for log files."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Step:
    """A step under way; `say` shows what it is at."""

    def __init__(self, title: str, stream: TextIO) -> None:
        self.title, self.stream, self.detail = title, stream, ""
        self.started = time.monotonic()
        self.live = stream.isatty()
        self._over = threading.Event()
        self._said = 0.0
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def say(self, detail: str) -> None:
        """What the step is doing now. In a log file it is written at most once in five seconds."""
        self.detail = detail
        if not self.live and self.seconds - self._said > 5:
            self._said = self.seconds
            print(f"  {self.title}：{detail}（{self.seconds:.0f} 秒）", file=self.stream, flush=True)

    def _tick(self) -> None:
        while not self._over.wait(0.5):
            if self.live:
                self._draw()

    def _draw(self) -> None:
        self.stream.write(f"\r\x1b[2K  {self.title} … {self.detail} {self.seconds:.0f} 秒")
        self.stream.flush()

    def begin(self) -> None:
        if self.live:
            self._draw()
        self._ticker.start()

    def end(self, *, failed: bool) -> None:
        self._over.set()
        self._ticker.join()
        if self.live:
            self.stream.write("\r\x1b[2K")
        mark = "✗" if failed else "✓"
        print(f"  {mark} {self.title}（{self.seconds:.1f} 秒）", file=self.stream, flush=True)


@contextmanager
def step(title: str, stream: TextIO | None = None) -> Iterator[Step]:
    """Show that `title` is being done until the block ends, then how long it took."""
    current = Step(title, stream or sys.stdout)
    current.begin()
    try:
        yield current
    except BaseException:
        current.end(failed=True)
        raise
    current.end(failed=False)
