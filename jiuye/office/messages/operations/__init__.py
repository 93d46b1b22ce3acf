"""Writing messages beside what causes them, sending them from outside, and noting that they were read."""

from jiuye.office.messages.operations.delivering import Delivered, deliver
from jiuye.office.messages.operations.reading import mark_read
from jiuye.office.messages.operations.writing import write

__all__ = ["Delivered", "deliver", "mark_read", "write"]
