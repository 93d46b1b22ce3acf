"""A broken pack never raises: whatever is cut out of a pack's files or typed into them, loading answers with problems."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from jiuye.engine.rules.cases import run_cases
from jiuye.engine.rules.pack import load_pack
from tests.engine.rules.workshop import TITHE, changed_tithe

FILES = sorted(str(path.relative_to(TITHE)) for path in TITHE.rglob("*.yaml"))
TYPED = st.sampled_from(
    ["'", '"', "{", "}", "[", "]", ":", ": ", "-", "\n", "\n  ", "\t", "#", "&a ", "*a", "!x ", "~", "null", "，", "（", "０", "\x00",
     "9" * 40, "1e400", "----", "(" * 300, "not " * 400, "-" * 2000, "?", "|", ">", "%", "@", "𠮷", "\u2028", "\u0085", "..", "**", "=="]
)  # fmt: skip
WORDS = sorted({word for file in FILES for word in (TITHE / file).read_text(encoding="utf-8").split()})


@st.composite
def damage(draw) -> list[tuple[str, str, int, int, str]]:
    """A few (file, what, where, how much, text)."""
    one = st.tuples(
        st.sampled_from(FILES),
        st.sampled_from(["cut characters", "type", "cut lines", "repeat lines", "swap a word"]),
        st.integers(0, 10**6),
        st.integers(1, 12),
        TYPED | st.text(max_size=6),
    )
    return draw(st.lists(one, min_size=1, max_size=4))


def damaged(text: str, what: str, where: int, much: int, typed: str) -> str:
    at = where % (len(text) + 1)
    lines = text.split("\n")
    row = where % len(lines)
    if what == "cut characters":
        return text[:at] + text[at + much :]
    if what == "type":
        return text[:at] + typed + text[at:]
    if what == "cut lines":
        return "\n".join(lines[:row] + lines[row + much :])
    if what == "repeat lines":
        return "\n".join(lines[: row + much] + lines[row:])
    return text.replace(WORDS[where % len(WORDS)], WORDS[(where * 31 + much) % len(WORDS)], 1)


@settings(max_examples=250, deadline=None)
@given(damage())
def test_no_damage_to_a_pack_makes_loading_raise(changes):
    with tempfile.TemporaryDirectory() as folder:
        pack_folder = changed_tithe(Path(folder))
        for file, what, where, much, typed in changes:
            path = pack_folder / file
            path.write_text(
                damaged(path.read_text(encoding="utf-8"), what, where, much, typed), encoding="utf-8"
            )
        pack, problems = load_pack(pack_folder)
        for problem in problems:
            assert problem.render("zh")
            assert problem.render("en")
            assert problem.place.line >= 1
            assert problem.place.column >= 1
        if not problems.errors:
            run_cases(pack)  # what is called sound can be used


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(["income", "hearths", "shore", "members", "members.wage", "north", "on", "count(", "sum(", "age(", ")", "(",
                              ",", "==", "<", "in", "not", "and", "or", "if", "else", "yuan(1)", "0.5", "2", "//", "*", "-", ".", "[", "]",
                              "firewood", "tithe_scale", "marginal(", "known(", "min(", "'x'", "date(2001, 2, 3)", "round_fen("]),
             max_size=14)
)  # fmt: skip
def test_no_row_of_words_makes_typing_raise(words):
    expression = " ".join(words).replace("'", "''")
    with tempfile.TemporaryDirectory() as folder:
        pack_folder = changed_tithe(Path(folder))
        path = pack_folder / "policies" / "firewood-gift.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("test: income < yuan(2000)", f"test: '{expression}'"), encoding="utf-8")
        pack, problems = load_pack(pack_folder)
        if not problems.errors:
            run_cases(pack)
