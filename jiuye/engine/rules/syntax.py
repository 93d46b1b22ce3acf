"""From text to Python's syntax tree: parsed by `ast`, never executed; with the place of each piece in the YAML file."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from jiuye.engine.basis.documents import Scalar
from jiuye.engine.basis.problems import Problems

MOST_LEVELS = 60  # of nesting in one expression: every walk over the tree stays far from Python's own limit
FULL_WIDTH = str.maketrans("（）［］｛｝，．：；＜＞＝＋－＊／！“”‘’。、", "()[]{},.:;<>=+-*/!\"\"''.,")


def one_line(scalar: Scalar) -> str:
    """The expression with every line break a blank: line breaks mean nothing in it, and columns stay what they are."""
    return re.sub(r"\s", " ", scalar.text)


def span_of(source: str, node: ast.AST) -> tuple[int, int]:
    """The characters [from, until) of the one-line source that a node covers."""
    column = getattr(node, "col_offset", 0)
    end = getattr(node, "end_col_offset", None) or column + 1
    if source.isascii():
        return column, end
    encoded = source.encode()  # ast counts columns in UTF-8 bytes
    return len(encoded[:column].decode(errors="ignore")), len(encoded[:end].decode(errors="ignore"))


def parse(scalar: Scalar, problems: Problems) -> ast.expr | None:
    """The expression in Python's syntax, or None with the problem recorded."""
    text = one_line(scalar)
    if not text.strip():
        problems.add(
            scalar.place, "not-an-expression", zh="这里要写一个表达式。", en="an expression belongs here."
        )
        return None
    for position, char in _outside_quotes(text):
        if char == "#":
            problems.add(
                scalar.part(position, position + 1),
                "not-in-the-language",
                zh="表达式里不能写 # 注释：它后面的内容会被忽略。请写在 notes 里。",
                en="an expression holds no # comment: what follows it would be ignored; write it under `notes`.",
            )
            return None
    before = len(text) - len(text.lstrip())  # blanks in front would be an indentation to Python
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on its own syntax is not for officers
            parsed = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        _not_an_expression(scalar, text, before + (getattr(error, "offset", None) or 1) - 1, problems)
        return None
    if before:
        _shift(parsed, before)
    deep = _too_deep(parsed)
    if deep is not None:
        problems.add(
            scalar.part(*span_of(text, deep)),
            "too-deep",
            zh=f"表达式嵌套超过 {MOST_LEVELS} 层。请把一部分写成派生事实。",
            en=f"the expression is nested more than {MOST_LEVELS} levels deep; make a part of it a derived fact.",
        )
        return None
    return parsed


def _not_an_expression(scalar: Scalar, text: str, column: int, problems: Problems) -> None:
    hint_zh, hint_en = "请检查括号、引号和运算符。", "check brackets, quotes and operators."
    if _cut_by_comma(scalar):
        hint_zh = "花括号里的表达式到逗号就断了：含逗号的请加引号，或另起一行写。"
        hint_en = "inside { } it ends at the comma: put it in quotes, or on a line of its own."
    wide = next(((at, char) for at, char in _outside_quotes(text) if ord(char) in FULL_WIDTH), None)
    if wide is not None:
        column, char = wide
        plain = char.translate(FULL_WIDTH)
        hint_zh = f"“{char}”是全角符号，请改用半角的 {plain} 。"
        hint_en = f"'{char}' is a full-width character; use the plain {plain} instead."
    column = max(0, min(column, len(text.rstrip()) - 1))
    problems.add(
        scalar.part(column, column + 1),
        "not-an-expression",
        zh=f"这不是一个完整的表达式。{hint_zh}",
        en=f"this is not a complete expression; {hint_en}",
    )


def _cut_by_comma(scalar: Scalar) -> bool:
    """True where the value ends at a comma of YAML's short form, with a bracket still open."""
    place = scalar.place
    after = place.source[place.column - 1 + place.width :].lstrip()
    return not scalar.quoted and after.startswith(",") and scalar.text.count("(") > scalar.text.count(")")


def _outside_quotes(text: str) -> Iterator[tuple[int, str]]:
    """Each character with its position, but for those inside quotation marks."""
    quote = ""
    for position, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        else:
            yield position, char


def _shift(parsed: ast.expr, columns: int) -> None:
    for node in ast.walk(parsed):
        if isinstance(node, ast.expr):
            node.col_offset += columns
            if node.end_col_offset is not None:
                node.end_col_offset += columns


def _too_deep(parsed: ast.expr) -> ast.AST | None:
    """The first node below the deepest level allowed; found without recursion."""
    stack: list[tuple[ast.AST, int]] = [(parsed, 1)]
    while stack:
        node, level = stack.pop()
        if level > MOST_LEVELS:
            return node
        stack.extend(
            (child, level + 1) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)
        )
    return None
