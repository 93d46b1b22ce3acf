"""Registers of other departments as content: which there are, and what a demonstration city's ones say."""

from jiuye.engine.registers.definitions import INTERVALS, Register, load_registers
from jiuye.engine.registers.spreads import ATTRIBUTES, Case, Spread, Things
from jiuye.engine.registers.spreads_reading import load_spreads

__all__ = [
    "ATTRIBUTES",
    "INTERVALS",
    "Case",
    "Register",
    "Spread",
    "Things",
    "load_registers",
    "load_spreads",
]
