"""Beside the days that the office promises stand those that the law allows, and where no document sets a term the page says so."""

from __future__ import annotations

import re
from shutil import copytree

import pytest

from jiuye.engine.services import load_items

FILE = "unemployment-registration.yaml"
# A term and a document of this test: the facts on file hold none for any item.
LAW = "statutory: {workdays: 15, source: a-law}\nsources:\n  a-law: {document: 测试用的办法, clause: 第九条, confidence: KNOWN}\n"


def with_a_term(folder) -> None:
    text = (folder / "services" / FILE).read_text(encoding="utf-8")
    assert text.count("\nsources:\n") == 1
    (folder / "services" / FILE).write_text(text.replace("\nsources:\n", f"\n{LAW}"), encoding="utf-8")


@pytest.fixture
def her_pack(pack_dir, tmp_path):
    copytree(pack_dir, tmp_path / pack_dir.name)
    return tmp_path / pack_dir.name


def text_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_term_of_the_law_stands_beside_the_promise_on_the_services_and_on_the_form_of_a_life_event(
    her, settings
):
    with_a_term(settings.PACK)
    for page in ("/my/services/", "/my/services/events/graduated/"):
        shown = text_of(her.get(page))
        assert shown.count("承诺 3 个工作日办结 · 法定 15 个工作日") == 1
        assert shown.count("个工作日办结") > 1


def test_where_no_document_sets_a_term_none_is_shown_and_the_list_says_why_once(her):
    shown = text_of(her.get("/my/services/"))
    assert "个工作日办结 ·" not in shown
    assert shown.count("没有查到规定期限的文件") == 1


def test_what_is_promised_never_exceeds_what_the_law_allows(settings, pack_dir, tmp_path):
    copytree(pack_dir, tmp_path / "pack")
    with_a_term(tmp_path / "pack")
    assert not load_items(tmp_path / "pack")[1].errors
    file = tmp_path / "pack" / "services" / FILE
    file.write_text(file.read_text(encoding="utf-8").replace("{workdays: 15, source", "{workdays: 2, source"))
    _, problems = load_items(tmp_path / "pack")
    assert "promise-beyond-the-law" in {problem.code for problem in problems.errors}
    assert "承诺 3 个工作日，长于法定的 2 个。" in "".join(problem.render() for problem in problems.errors)
