"""Tables in Markdown, printed as they come about and kept in a file where one is asked for."""

from __future__ import annotations

from pathlib import Path


class Printer:
    """Prints, and appends to `target` what it prints."""

    def __init__(self, target: Path | None = None) -> None:
        self.target = target
        if target is not None:
            target.write_text("", encoding="utf-8")

    def text(self, text: str) -> None:
        print(text, flush=True)
        if self.target is not None:
            with self.target.open("a", encoding="utf-8") as file:
                file.write(text + "\n")

    def title(self, text: str) -> None:
        self.text(f"\n### {text}\n")

    def table(self, head: list[str], rows: list[list[str]]) -> None:
        """Columns as wide as their widest cell, figures to the right."""
        widths = [max(len(row[place]) for row in [head, *rows]) for place in range(len(head))]
        right = [_figures([row[place] for row in rows]) for place in range(len(head))]

        def line(cells: list[str]) -> str:
            padded = [
                cell.rjust(width) if flush else cell.ljust(width)
                for cell, width, flush in zip(cells, widths, right, strict=True)
            ]
            return f"| {' | '.join(padded)} |"

        ruler = [
            "-" * (width - 1) + ":" if flush else "-" * width
            for width, flush in zip(widths, right, strict=True)
        ]
        self.text("\n".join([line(head), line(ruler), *map(line, rows)]))


def _figures(cells: list[str]) -> bool:
    """True where a column holds figures and nothing else."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(cell[0].isdigit() and len(cell) < 24 for cell in filled)


def seconds(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def spread(values: list[float], middle: float) -> str:
    """The median with the least and the most."""
    if len(values) == 1:
        return seconds(middle)
    return f"{seconds(middle)} ({seconds(values[0])}–{seconds(values[-1])})"


def megabytes(size: float) -> str:
    return f"{size / 2**20:,.0f}"


def times(value: float) -> str:
    return f"{value:.1f}×" if value < 100 else f"{value:,.0f}×"
