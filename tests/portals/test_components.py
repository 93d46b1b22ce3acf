"""The components: what they show, and what they refuse to show."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from jiuye.office.staff.slices import Slice
from jiuye.portals.common.components import (
    Cell,
    Clause,
    Column,
    Sorting,
    Step,
    Table,
    UnknownLevelError,
)
from jiuye.portals.common.templatetags.components import percent
from jiuye.portals.common.templatetags.jiuye import (
    content,
    day,
    device,
    label,
    moment,
    plain,
    sorted_roles,
    yuan,
)


def draw(source: str, **context) -> str:
    request = RequestFactory().get(context.pop("at", "/"))
    return " ".join(engines["django"].from_string(source).render({"request": request, **context}).split())


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36", "Chrome · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari · iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
    ],
)  # fmt: skip
def test_a_log_in_says_its_browser_and_system_as_people_call_them(sent, shown):
    assert device(sent) == shown


COLUMNS = (
    Column("name", "姓名", heads=True, order_by=("name", "pk")),
    Column("amount", "金额", kind="money", order_by=("-amount_fen", "pk")),
    Column("street", "街道"),
)


def test_a_light_always_comes_with_its_word_and_a_shape():
    shown = draw('{% light "bad" "逾期" %}')
    assert "逾期" in shown
    assert "#cross" in shown


def test_a_level_that_the_design_system_does_not_have_is_refused_by_name():
    with pytest.raises(UnknownLevelError, match="'red' is no level"):
        draw('{% light "red" "逾期" %}')


@pytest.mark.parametrize(("fen", "shown"), [(123456, "1,234"), (5, "0"), (-61728, "−"), (None, "—")], ids=str)
def test_an_amount_is_shown_to_the_fen_and_no_amount_is_a_dash_and_never_zero(fen, shown):
    drawn = draw("{% money fen %}", fen=fen)
    assert shown in drawn
    assert ("¥" in drawn) is (fen is not None)
    assert yuan(None) == "—"


def test_fifty_million_and_one_yuan_is_shown_as_that():
    assert yuan(5_000_000_100) == "50,000,001.00"
    drawn = draw("{% money fen %}", fen=5_000_000_100)
    assert re.sub("<[^>]*>", "", drawn) == "¥50,000,001.00"


def test_progress_without_a_figure_says_so_and_draws_no_bar():
    drawn = draw("{% progress none 500 %}", none=None)
    assert "尚无数据" in drawn
    assert "progress__fill" not in drawn
    assert "progress__fill" in draw("{% progress 0 500 %}")


def test_progress_beyond_its_target_keeps_its_figure_and_a_full_bar():
    drawn = draw('{% progress 1120 500 "good" "超额" %}')
    assert "112%" in drawn
    assert 'width="100%"' in drawn


@pytest.mark.parametrize(
    ("permille", "shown"), [(532, "53.2%"), (500, "50%"), (0, "0%"), (1, "0.1%"), (-15, "-1.5%")]
)
def test_thousandths_are_shown_as_percent_without_rounding(permille, shown):
    assert percent(permille) == shown


def test_no_component_writes_an_inline_style_or_handler():
    drawn = draw("{% progress 532 500 %}{% skeleton 2 %}") + draw('{% task_progress "导入" 3 10 %}')
    assert "style=" not in drawn
    assert "onclick" not in drawn


def test_text_from_people_is_escaped_in_every_component():
    evil = "<b onmouseover=x>"
    clause = Clause(evil, "no", law=evil, values=((evil, evil),))
    drawn = draw(
        '{% light "good" e %}{% tag e %}{% facts rows %}{% clause_list clauses %}{% timeline steps %}'
        "{% stat e e %}{% empty_state e e %}{% masked e e %}{% copy e %}{% data_table table %}"
        "{% card title=e %}{{ e }}{% endcard %}"
        '{% confirm id="x" url="/" button=e title=e action=e %}{{ e }}{% endconfirm %}',
        e=evil,
        rows=[(evil, evil)],
        clauses=[clause],
        steps=[Step(evil, note=evil, who=evil)],
        table=Table(evil, [Column("name", evil)], [{"name": Cell(evil, note=evil)}]),
    )
    assert evil not in drawn
    assert drawn.count("&lt;b onmouseover=x&gt;") >= 20


def test_a_clause_shows_what_to_ask_where_it_cannot_be_told():
    drawn = draw(
        "{% clause_list clauses %}",
        clauses=[Clause("没有欠费", "unknown", question="上个月缴了吗？", holder="税务部门")],
    )
    assert "尚不能判定" in drawn
    assert "上个月缴了吗？" in drawn
    assert "税务部门" in drawn


def test_a_list_is_sorted_only_by_the_columns_that_allow_it():
    request = RequestFactory().get("/?sort=-name")
    assert Sorting.of(request, COLUMNS, "amount").order_by(COLUMNS) == ("-name", "-pk")
    for nonsense in ("street", "-street", "password", "", "pk;drop"):
        sorting = Sorting.of(RequestFactory().get("/", {"sort": nonsense}), COLUMNS, "amount")
        assert sorting.order_by(COLUMNS) == ("-amount_fen", "pk")


def test_a_column_head_sorts_by_itself_then_turns_round_and_starts_at_the_first_page():
    sorting = Sorting("name", descending=False)
    table = Table("名单", COLUMNS, [], sorting=sorting, query=QueryDict("street=1&page=3&after=Wz&before=Wz"))
    name, amount, street = table.headings
    assert name.url == "?street=1&sort=-name"
    assert name.sorted == "ascending"
    assert amount.url == "?street=1&sort=amount"
    assert street.url == ""


def test_an_empty_list_says_why_instead_of_showing_an_empty_table():
    drawn = draw("{% data_table table %}", table=Table("名单", COLUMNS, [], empty_title="今天没有到期的事"))
    assert "今天没有到期的事" in drawn
    assert "<table" not in drawn


def test_a_table_row_is_named_for_screen_readers_and_labelled_on_a_phone():
    drawn = draw(
        "{% data_table table %}",
        table=Table("名单", COLUMNS, [{"name": Cell("张**", url="/p/1"), "amount": 61728, "street": "文汇"}]),
    )
    assert '<th role="rowheader" scope="row"' in drawn
    assert 'data-label="金额"' in drawn
    assert '<caption class="visually-hidden">名单</caption>' in drawn


def test_pages_of_a_list_keep_the_filter_and_one_page_needs_no_links():
    page = Paginator(range(100), 20).page(2)
    drawn = draw("{% pagination page %}", page=page, at="/?street=1&page=2")
    assert 'href="?street=1&amp;page=3"' in drawn
    assert "第 21–40 条，共 100 条" in drawn
    assert draw("{% pagination page %}", page=Paginator(range(3), 20).page(1)) == ""


def test_the_ways_on_from_a_slice_keep_the_filter_and_one_slice_needs_none():
    drawn = draw("{% slices slice %}", slice=Slice([], "here", "there"), at="/?street=1&after=old")
    assert 'href="?street=1&amp;before=here" rel="prev"' in drawn
    assert 'href="?street=1&amp;after=there" rel="next"' in drawn
    assert 'href="?street=1"' in drawn  # back to the beginning
    assert draw("{% slices slice %}", slice=Slice([])).strip() == ""


def test_a_masked_value_can_be_shown_only_where_the_view_says_how():
    assert "查看事由" not in draw('{% masked "手机号" "138****5678" %}')
    drawn = draw('{% masked "手机号" "138****5678" "/reveal/" "phone" %}')
    assert 'action="/reveal/"' in drawn
    assert 'name="purpose" required' in drawn


def test_days_and_moments_are_shown_in_the_language_of_the_page_and_in_chinese_time():
    late = datetime(2025, 3, 13, 17, 30, tzinfo=timezone(timedelta(0)))
    assert day(date(2025, 3, 14)) == "2025年3月14日"
    assert moment(late) == "2025年3月14日 01:30"
    assert day(None) == moment(None) == "—"
    with translation.override("en"):
        assert day(date(2025, 3, 14)) == "14 Mar 2025"


def test_words_of_a_vocabulary_are_translated_when_they_are_shown():
    assert label("失业登记") == "失业登记"
    with translation.override("en"):
        assert label("失业登记") == "Registered unemployed"
        assert sorted_roles({"reviewer", "caseworker"}) == ["Case worker", "Reviewer"]
        assert plain(True) == "Yes"


def test_texts_of_the_pack_are_shown_in_english_where_the_pack_has_them():
    both, chinese_only = {"name": "市人社局", "name_en": "HRSS Bureau"}, {"name": "市人社局"}
    assert content(both) == "市人社局"
    with translation.override("en"):
        assert content(both) == "HRSS Bureau"
        assert content(chinese_only) == "市人社局"


def test_a_thing_that_is_asked_for_a_text_it_does_not_have_is_a_mistake_and_no_blank():
    class Policy:
        label, label_en = "就业见习补贴", "traineeship subsidy"

    with pytest.raises(AttributeError, match="name"):
        content(Policy())
    assert content(Policy(), "label") == "就业见习补贴"
    assert content(None) == ""


def test_every_icon_that_a_page_names_is_drawn():
    portals = Path(__file__).resolve().parents[2] / "jiuye" / "portals"
    drawn = set(re.findall(r'id="([a-z-]+)"', (portals / "common/static/common/icons.svg").read_text()))
    named: dict[str, str] = {}
    for file in [*portals.rglob("*.html"), *portals.rglob("*.py")]:
        text = file.read_text(encoding="utf-8")
        for name in re.findall(r'(?:\{% icon |icon=|symbol=)"([a-z-]+)"', text):
            named[name] = file.name
    assert len(named) > 15
    assert {name: file for name, file in named.items() if name not in drawn} == {}
