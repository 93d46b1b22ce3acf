"""The English catalogue: nothing on a page is left in Chinese, and nothing is lost between texts and translations."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest

from jiuye.config.cli import main
from jiuye.portals.common.translations import compile_catalogue, examine, extract, merge, stubs
from jiuye.portals.common.translations.catalogue import CATALOGUE
from jiuye.portals.common.translations.extract import Extraction

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout: one template, one view, one vocabulary, a catalogue with what they need."""
    templates = tmp_path / "jiuye" / "portals" / "probe" / "templates" / "probe"
    templates.mkdir(parents=True)
    (templates / "page.html").write_text(
        '{% translate "保存" %}\n'
        "{% blocktranslate with n=count %}共 {{ n }} 条{% endblocktranslate %}\n"
        '{% card %}{% translate "在块里面" %}{% endcard %}\n'
        '{{ word|default:_("没有") }}\n'
    )
    (tmp_path / "jiuye" / "portals" / "probe" / "views.py").write_text(
        '"""中文的说明不算。"""\nfrom django.utils.translation import gettext\n\ntext = gettext("已保存")\n'
    )
    office = tmp_path / "jiuye" / "office" / "probe"
    office.mkdir(parents=True)
    (office / "states.py").write_text('STATES = {"open": "待办"}\n')
    catalogue = tmp_path / CATALOGUE
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n')
    texts = {"保存": "Save", "共 %(n)s 条": "%(n)s in all", "在块里面": "In a block"}
    texts |= {"没有": "None", "已保存": "Saved", "待办": "To do"}
    entries = polib.pofile(str(catalogue))
    for msgid, msgstr in texts.items():
        entries.append(polib.POEntry(msgid=msgid, msgstr=msgstr))
    entries.save()
    return tmp_path


def only_here(extraction: Extraction) -> Extraction:
    """Without the models, which are those of the real software."""
    extraction.messages = {
        key: message
        for key, message in extraction.messages.items()
        if any("probe" in place for place in message.places)
    }
    return extraction


def sentences(checkout: Path) -> list[str]:
    findings, _ = examine(checkout, only_here(extract(checkout)))
    return [str(finding) for finding in findings]


def replace(checkout: Path, name: str, old: str, new: str) -> None:
    path = next(checkout.rglob(name))
    path.write_text(path.read_text().replace(old, new))


def test_a_checkout_with_everything_translated_has_no_findings(checkout):
    assert sentences(checkout) == []


def test_texts_are_found_in_templates_blocks_filters_python_and_vocabularies(checkout):
    found = {msgid for _, msgid in only_here(extract(checkout)).messages}
    assert found == {"保存", "共 %(n)s 条", "在块里面", "没有", "已保存", "待办"}


def test_a_text_without_english_is_reported_with_its_file_and_line(checkout):
    replace(checkout, "page.html", "在块里面", "新的文字")
    (finding,) = sentences(checkout)
    assert "page.html:3" in finding
    assert "“新的文字”没有英文译文" in finding


def test_an_empty_translation_is_reported(checkout):
    replace(checkout, "django.po", 'msgstr "Save"', 'msgstr ""')
    assert "译文是空的" in sentences(checkout)[0]


def test_a_translation_that_loses_a_placeholder_is_reported(checkout):
    replace(checkout, "django.po", "%(n)s in all", "all of them")
    (finding,) = sentences(checkout)
    assert "占位符不同" in finding
    assert "%(n)s" in finding


def test_chinese_that_nobody_marked_is_reported_in_templates_and_views(checkout):
    replace(checkout, "page.html", '{% translate "保存" %}', "保存：")
    replace(checkout, "views.py", 'gettext("已保存")', '"已保存"')
    found = sentences(checkout)
    assert len(found) == 2
    assert "page.html:1" in found[0]
    assert "views.py:4" in found[1]


def test_what_is_no_text_of_the_page_is_marked_with_a_reason(checkout):
    replace(checkout, "page.html", '{% translate "保存" %}', "𠮷{# not translated: a name #}")
    assert sentences(checkout) == []


def test_an_f_string_inside_gettext_is_reported_because_it_is_never_found_again(checkout):
    replace(checkout, "views.py", 'gettext("已保存")', 'gettext(f"已保存{1}")')
    assert any("不能用 f 字符串" in finding for finding in sentences(checkout))


def test_a_broken_template_is_a_finding_and_not_a_crash(checkout):
    replace(checkout, "page.html", "{% card %}", "{% nonsense %}")
    assert any("模板有错误" in finding for finding in sentences(checkout))


def test_missing_entries_are_offered_filled_in_and_merged(checkout):
    replace(checkout, "page.html", "在块里面", "新的文字")
    offered = checkout / "missing.po"
    offered.write_text(stubs(checkout, only_here(extract(checkout))))
    assert 'msgid "新的文字"' in offered.read_text()
    assert merge(checkout, offered) == 0  # nothing is filled in yet
    offered.write_text(offered.read_text().replace('msgstr ""', 'msgstr "New words"'))
    assert merge(checkout, offered) == 1
    assert sentences(checkout) == []


def test_the_compiled_catalogue_follows_the_source(checkout):
    assert compile_catalogue(checkout) == 6
    compiled = (checkout / CATALOGUE).with_suffix(".mo")
    assert {entry.msgid: entry.msgstr for entry in polib.mofile(str(compiled))}["保存"] == "Save"


def test_merging_a_file_that_is_not_there_says_what_to_do(capsys, tmp_path):
    assert main(["translations", "--merge", str(tmp_path / "nowhere.po")]) == 1
    assert "--missing" in capsys.readouterr().err


def test_every_text_of_the_software_has_its_english_and_no_english_is_left_over():
    findings, unused = examine(ROOT, extract(ROOT))
    assert [str(finding) for finding in [*findings, *unused]] == []


def test_an_entry_that_nothing_uses_is_named(checkout):
    catalogue = next(checkout.rglob("django.po"))
    catalogue.write_text(catalogue.read_text() + '\nmsgid "从前的话"\nmsgstr "Words of old"\n')
    _, unused = examine(checkout, only_here(extract(checkout)))
    assert any("从前的话" in str(finding) for finding in unused)
