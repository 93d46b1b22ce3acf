from tests.office.casework.conftest import _pack, divisions, person  # noqa: F401 (fixtures by name)
