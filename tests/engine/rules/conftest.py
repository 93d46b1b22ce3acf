"""The small world of the tests of meaning, made once."""

from __future__ import annotations

import pytest

from tests.engine.rules.world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> World:
    return World.make(tmp_path_factory.mktemp("world"))
