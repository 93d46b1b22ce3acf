"""The board's pages: what a leader sees, what opens, and for whom."""

from __future__ import annotations

import re
from html import unescape

import pytest

from jiuye.office.targets.models import ReportedFigure
from jiuye.portals.board.quantities import permille, quantity
from tests.office.targets.people import GUANGLING, HANJIANG, firm, holds, person, works

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    """What is read on the page: no tags, one space between words."""
    main = answer.text.split('<main class="page"')[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_every_task_and_safeguard_stands_on_the_one_page(officer):
    page = officer("leader", "321002").get("/board/")
    assert page.status_code == 200
    for number in range(1, 34):
        assert f"/board/tasks/task-{number}/" in page.text
    for number in (1, 2, 3):
        assert f"/board/tasks/safeguard-{number}/" in page.text


def test_without_figures_the_board_says_so_and_shows_no_number(officer):
    words = text_of(officer("city_office").get("/board/"))
    assert "尚无数据" in words
    assert "47 尚无数据或未开始" in words
    assert "完成 0%" not in words


def test_the_words_say_how_much_of_the_year_is_gone(officer):
    assert "截至 2025年9月15日，2025 年的时间已过 70.8%。" in text_of(officer("city_office").get("/board/"))


def test_a_figure_that_moved_moves_the_board(officer):
    client = officer("city_office")
    works(person(), "2025-03-01", at=firm())
    before = text_of(client.get("/board/"))
    works(person(), "2025-03-01", at=firm())
    after = text_of(client.get("/board/"))
    assert "城镇新增就业 1 人" in before
    assert "城镇新增就业 2 人" in after


def test_a_past_year_is_shown_as_of_its_end(officer):
    client = officer("city_office")
    works(person(), "2023-03-01", at=firm())
    works(person(), "2024-03-01", at=firm())
    words = text_of(client.get("/board/?year=2023"))
    assert "截至 2023年12月31日" in words
    assert "城镇新增就业 1 人" in words


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("year=2031", "方案没有“2031”年，现在看的是 2025 年。"),
        ("on=2025-02-30", "“2025-02-30”不是日历上的日期，现在看的是 2025年9月15日。"),
        ("on=2025-12-01", "2025年12月1日不在 2025 年可看的日期里"),
        ("department=nobody", "方案里没有部门“nobody”，现在看的是全部部门。"),
    ],
)
def test_what_cannot_be_shown_is_said_and_the_usual_is_shown(officer, query, sentence):
    page = officer("city_office").get(f"/board/?{query}")
    assert page.status_code == 200
    assert sentence.replace(" ", "") in text_of(page).replace(" ", "")


def test_a_county_s_part_stands_beside_the_city_s_and_only_for_whoever_has_it_in_scope(officer):
    works(person(), "2025-03-01", at=firm(lies_in=GUANGLING))
    works(person(), "2025-03-01", at=firm(lies_in=HANJIANG))
    leader = officer("leader", "321002")
    assert "其中广陵区 1 人" in text_of(leader.get("/board/?county=321002"))
    assert leader.get("/board/?county=321003").status_code == 403


def test_the_board_of_a_county_s_leader_opens_on_the_county_with_the_city_one_click_away(officer):
    works(person(), "2025-03-01", at=firm(lies_in=GUANGLING))
    works(person(), "2025-03-01", at=firm(lies_in=HANJIANG))
    leader = officer("leader", "321002")
    for path in ("/board/", "/board/tasks/goals/", "/board/indicators/urban-new-employment/"):
        page = leader.get(path)
        assert "其中广陵区 1 人" in text_of(page), path
        city = re.search(r'href="([^"]*)">只看全市', page.text)
        assert city, path
        whole = leader.get(path + unescape(city.group(1)))
        assert "其中广陵区" not in text_of(whole), path
        # Every way on from there stays with the city, and every way on from the county with the county.
        assert all(
            "county=" in link
            for link in re.findall(r'href="(?:/board/|\.\./)*[a-z/-]*\?([^"]*)"', whole.text)
        ), path
    assert '<option value="321002" selected>' in leader.get("/board/").text
    assert "其中广陵区" not in text_of(officer("leader").get("/board/"))
    assert officer("leader", "321002001").get("/board/").status_code == 200


def test_who_may_see_statistics_alone_is_shown_the_figures_and_opens_no_record_behind_them(officer):
    works(person(), "2025-03-01", at=firm(lies_in=GUANGLING))
    client, leader = officer("statistician", "321002"), officer("leader", "321002")
    figure = "/board/indicators/urban-new-employment/"
    for path in ("/board/", figure):
        assert client.get(path).status_code == 200
    records = [link for link in re.findall(r'href="([^"]*)"', leader.get(figure).text) if "/records/" in link]
    assert records
    assert "/records/" not in client.get(figure).text
    for link in (*records, "/desk/", "/desk/people/", "/desk/cases/"):
        assert client.get(unescape(link)).status_code == 403


def test_red_first_and_the_filters_leave_what_is_asked_for(officer, settings):
    settings.DEMO = False  # a sample of one resident would meet any share of a target
    who = person()
    holds(who, "employment_difficulty", "2023-01-01", category="older")
    works(who, "2025-03-01", at=firm())
    client = officer("city_office")
    rows = client.get("/board/?order=urgent").context["rows"]
    assert rows[0].level == "bad"
    assert [row.level for row in rows] == sorted(
        (row.level for row in rows), key=["bad", "watch", "none", "good"].index
    )
    red = client.get("/board/?light=red").context["chapters"]
    assert {row.level for chapter in red for section in chapter.sections for row in section.targets} == {
        "bad"
    }
    veterans = client.get("/board/?department=veterans").context["chapters"]
    names = [row.name for chapter in veterans for section in chapter.sections for row in section.targets]
    assert names == ["上一年度有就业意愿的退役士兵就业率"]


def test_a_department_sees_its_own_commitments_first(officer):
    page = officer("department", department="veterans").get("/board/")
    assert len(page.context["rows"]) == 1
    assert (
        len(officer("department", department="veterans2").get("/board/?order=plan").context["chapters"]) > 5
    )


def test_a_demonstration_says_that_its_register_is_a_sample_and_an_office_at_work_does_not(officer, settings):
    client = officer("city_office")
    works(person(), "2025-03-01", at=firm())
    assert "演示登记库只有 1 名在世居民" in text_of(client.get("/board/"))
    settings.DEMO = False
    words = text_of(client.get("/board/"))
    assert "演示" not in words


def test_a_task_s_page_shows_its_words_who_leads_and_its_milestones(officer):
    page = officer("leader", "321002").get("/board/tasks/task-9/")
    words = text_of(page)
    assert "方案没有写明责任单位，这里按条文和部门职能推断。" in words
    assert "尚未报告" in words
    assert "/reporting/milestones/" not in page.text


def test_an_indicator_s_page_explains_the_number(officer):
    works(person(), "2025-03-01", at=firm())
    works(person(), "2000-01-01", "2025-06-01", at=firm(), ended_because="退休")
    works(person(), "2025-04-01", at=firm(), transferred_in=True)
    words = text_of(officer("city_office").get("/board/indicators/urban-new-employment/"))
    for sentence in (
        "由系统记录统计",
        "劳社部发〔2004〕9号",
        "计入 城镇累计新就业 1 人",
        "扣减 自然减员（退休、死亡） − 1 人",
        "不计 从其他单位调入或未间断 1 人",
        "合计 0 人",
        "方案没有给县（市、区）分解目标，所以只列数，不评灯。",
    ):
        assert sentence in words, sentence


def test_an_unconfirmed_definition_is_marked_as_such(officer):
    words = text_of(officer("city_office").get("/board/indicators/insurance-contribution-rate/"))
    assert "工作口径，待主管部门确认" in words


@pytest.mark.parametrize(
    "path", ["indicators/no-such/", "tasks/task-99/", "indicators/no-such/records/?part=hired"]
)
def test_what_the_plan_does_not_have_is_a_404_in_words(officer, path):
    page = officer("city_office").get(f"/board/{path}")
    assert page.status_code == 404
    assert "不在现行方案里" in page.text


def test_the_records_behind_a_number_are_masked_paged_and_within_the_scope(officer):
    employer = firm(lies_in=GUANGLING)
    for index in range(51):
        works(person(f"赵{index}"), "2025-03-01", at=employer)
    works(person("钱多多"), "2025-03-01", at=firm(lies_in=HANJIANG))
    path = "/board/indicators/urban-new-employment/records/?part=hired"
    page = officer("leader", "321002").get(path)
    words = text_of(page)
    assert "这部分共 52 条，其中 51 条在您管辖的区划内" in words
    assert "赵**" in words
    assert "赵50" not in words
    assert "钱" not in words.replace("金额", "")
    assert len(page.context["page"].rows) == 50
    assert "共 52 条" in text_of(officer("city_office").get(path))


def test_the_number_on_the_indicator_s_page_leads_to_its_records(officer):
    works(person(), "2025-03-01", at=firm())
    client = officer("city_office")
    page = client.get("/board/indicators/urban-new-employment/")
    link = re.search(r'href="(/board/indicators/urban-new-employment/records/[^"]+part=hired)"', page.text)
    opened = client.get(link[1].replace("&amp;", "&"))
    assert opened.context["behind"].total == 1


def test_whoever_may_not_open_records_is_given_no_link_and_refused(officer):
    works(person(), "2025-03-01", at=firm())
    client = officer("approver")
    assert "/records/" not in client.get("/board/indicators/urban-new-employment/").text
    assert client.get("/board/indicators/urban-new-employment/records/?part=hired").status_code == 403


def test_a_reported_figure_has_no_records_and_the_page_says_why(officer):
    page = officer("city_office").get("/board/indicators/campus-recruiting/records/?part=hired")
    assert page.status_code == 404
    assert "这个数由部门填报" in page.text


def test_a_resident_sees_no_board(client_of):
    assert client_of("resident").get("/board/").status_code == 403


def test_a_broken_plan_is_said_in_words_and_the_site_goes_on(officer, settings, tmp_path):
    (tmp_path / "plan.yaml").write_text("id: [", encoding="utf-8")
    settings.PACK = tmp_path
    page = officer("city_office").get("/board/")
    assert page.status_code == 503
    assert "jiuye check" in page.text


def test_the_board_is_complete_in_english(officer):
    works(person(), "2025-03-01", at=firm())
    client = officer("city_office", language="en")
    for path in ("", "indicators/urban-new-employment/", "tasks/task-7/", "reporting/"):
        page = client.get(f"/board/{path}")
        # The plan's own words and definitions stay Chinese and are marked as such; nothing else does.
        shown = re.sub(
            r'<(\w+)[^>]*lang="zh-hans"[^>]*>.*?</\1>', "", page.text.split("<main")[1], flags=re.S
        )
        shown = re.sub(r"<[^>]+>", " ", shown.split("</main>")[0])
        shown = shown.replace("扬府发〔2023〕49号", "").replace("李敏", "")
        assert not re.search("[\u4e00-\u9fff]", shown), re.findall("[^\n]*[\u4e00-\u9fff][^\n]*", shown)[:5]


def test_a_whole_page_takes_a_fixed_number_of_queries(officer, django_assert_num_queries):
    client = officer("city_office")
    for index in range(4):
        works(person(f"张{index}"), "2025-03-01", at=firm())
    client.get("/board/")
    # The board's four, the book in force, the sample's count, the promised services, session, account, posts, and the read-only transaction's three.
    with django_assert_num_queries(14):
        client.get("/board/")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (262_000_000, "元", ("2.62", "亿元")),
        (80_000_000, "元", ("8,000", "万元")),
        (98, "元", ("98", "元")),
        (1905, "人", ("1,905", "人")),
        (None, "人", ("—", "")),
    ],
)
def test_quantities_read_as_chinese_readers_expect(value, unit, expected):
    assert quantity(value, unit) == expected


def test_a_share_is_rounded_down_so_that_almost_done_is_not_done():
    from fractions import Fraction

    assert permille(Fraction(9999, 10000)) == 999


def test_reports_do_not_appear_by_looking(officer):
    officer("department", department="hrss").get("/board/reporting/")
    assert not ReportedFigure.objects.exists()
