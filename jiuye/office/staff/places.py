"""Whether there is a place of a code. Which places there are is kept above us: an application names in its AppConfig (`place_on_file`)
who knows, as `module:function`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from django.apps import apps


def place_on_file(code: str) -> bool:
    """True where the division is on file."""
    return _knowing()(code)


@cache
def _knowing() -> Callable[[str], bool]:
    named = next(path for config in apps.get_app_configs() if (path := getattr(config, "place_on_file", "")))
    module, _, name = named.partition(":")
    found: Callable[[str], bool] = getattr(import_module(module), name)
    return found
