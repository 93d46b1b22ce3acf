"""Indicators: what a figure counts and where it comes from, and how it stands against its target."""

from jiuye.engine.indicators.assessment import (
    Assessment,
    NoThresholdsError,
    Thresholds,
    load_assessment,
)
from jiuye.engine.indicators.definitions import REPORTED, Indicator, Reference, load_indicators
from jiuye.engine.indicators.progress import LIGHTS, STATES, Progress, progress, share_gone

__all__ = [
    "LIGHTS",
    "REPORTED",
    "STATES",
    "Assessment",
    "Indicator",
    "NoThresholdsError",
    "Progress",
    "Reference",
    "Thresholds",
    "load_assessment",
    "load_indicators",
    "progress",
    "share_gone",
]
