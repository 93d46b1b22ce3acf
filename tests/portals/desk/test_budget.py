"""The budget's pages: drawn up, refused with its sentence, mended, submitted, approved by another, and looked at as it is carried out."""

from __future__ import annotations

import io
import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jiuye.office.budgeting import operations
from jiuye.office.budgeting.models import BudgetVersion
from jiuye.office.staff.models import Account
from tests.office.budgeting.conftest import (  # noqa: F401 (the fixtures are used by name)
    AT,
    BREAD,
    FUND,
    ON,
    POLICY,
    bureau,
    firm,
    flexible_worker,
    pack,
    person,
    town,
)
from tests.portals.refused_forms import losses, walked
from tests.portals.test_query_counts import KEPT_OUT, MOST

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office_date(monkeypatch):
    monkeypatch.setattr(settings, "OFFICE_DATE", ON.isoformat())


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=name))
    return client


def queries_of(client: Client, address: str) -> int:
    """How many queries the page makes, savepoints aside."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return sum(not query["sql"].startswith(KEPT_OUT) for query in asked.captured_queries)


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_budget_goes_from_the_page_of_versions_to_its_execution(bureau, flexible_worker):  # noqa: F811
    drawer, decider = client_of("蒋文斌"), client_of("卞立")
    answer = drawer.post(reverse("desk:budget_draw"), {"note": "初稿"}, follow=True)
    assert "正在编制" not in text_of(answer)
    assert "等待编制" in text_of(answer)
    assert not BudgetVersion.objects.exists()
    assert "按实名数据推算</button>" not in text_of(answer)
    drawer.post(reverse("desk:budget_draw"), {"note": "又一次"})
    operations.DRAWINGS.carry_out(clock=lambda: AT)
    version = BudgetVersion.objects.get()
    assert version.note == "初稿"
    assert "2026 年预算第 1 版" in text_of(drawer.get(reverse("desk:budgets")))
    answer = drawer.get(reverse("desk:budget", args=[version.pk]))
    assert "没有达到" in text_of(answer)
    assert (
        "“每年全市统筹安排就业创业专项资金不低于3亿元”（扬府发〔2023〕49号 任务4）只写到 2025 年"
        in text_of(answer)
    )
    one = reverse("desk:budget", args=[version.pk])
    refused = drawer.post(reverse("desk:budget_act", args=[version.pk, "submit"]), follow=True)
    assert "没有安排，不能提交" in text_of(refused)
    fund = reverse("desk:budget_fund", args=[version.pk, FUND])
    page = text_of(drawer.get(fund))
    givers = re.findall(r'name="(municipality|\d{6})"', page)
    assert "municipality" in givers
    assert len(givers) > 6
    assert "请用元填写金额" in text_of(drawer.post(fund, dict.fromkeys(givers, "一万")))
    saved = drawer.post(fund, dict.fromkeys(givers, "50000000.00"), follow=True)
    assert "资金安排已保存" in text_of(saved)
    for code, giver in (("employment-subsidy", "higher"), ("unemployment-insurance", "pool")):
        address = reverse("desk:budget_fund", args=[version.pk, code])
        names = re.findall(r'name="(municipality|higher|pool|\d{6})"', text_of(drawer.get(address)))
        drawer.post(address, dict.fromkeys(names, "0") | {giver: "10000000"})
    changed = drawer.post(
        reverse("desk:budget_assume", args=[version.pk]),
        {"assumption": "entrants", "policy": POLICY, "percent": "120", "basis": "按三年平均增幅"},
        follow=True,
    )
    assert "按三年平均增幅" in text_of(changed)
    line = version.lines.get(policy_id=POLICY)
    shown = text_of(drawer.get(reverse("desk:budget_line", args=[version.pk, line.pk])))
    assert "2026-12" in shown
    assert "提交" in text_of(
        drawer.post(reverse("desk:budget_act", args=[version.pk, "submit"]), follow=True)
    )
    version.refresh_from_db()
    assert version.state == "submitted"
    assert 'name="document"' not in text_of(drawer.get(one))
    assert 'name="document"' in text_of(decider.get(one))
    approved = decider.post(
        reverse("desk:budget_act", args=[version.pk, "approve"]),
        {"document": "扬财社〔2025〕88号"},
        follow=True,
    )
    assert "资金已下达" in text_of(approved)
    for by in ("policy", "county"):
        page = text_of(decider.get(reverse("desk:budget_execution", args=[2026]), {"by": by}))
        assert "扬财社〔2025〕88号" in page
        assert "广陵区" in page
    assert decider.get(reverse("desk:budget_cases", args=[2026, POLICY, "321002"])).status_code == 200
    copied = drawer.post(reverse("desk:budget_act", args=[version.pk, "copy"]), follow=True)
    assert "第 2 版" in text_of(copied)
    second = BudgetVersion.objects.get(number=2)
    compared = text_of(drawer.get(reverse("desk:budget_compare", args=[version.pk, second.pk])))
    assert "两个版本的金额没有不同" in compared
    pages = [
        reverse("desk:budgets"),
        one,
        fund,
        reverse("desk:budget_line", args=[version.pk, line.pk]),
        reverse("desk:budget_compare", args=[version.pk, second.pk]),
        reverse("desk:budget_workbook", args=[version.pk]),
        reverse("desk:budget_execution", args=[2026]),
        reverse("desk:budget_cases", args=[2026, POLICY, "321002"]),
    ]
    counts = {address: queries_of(drawer, address) for address in pages}
    assert max(counts.values()) <= MOST, counts


def test_the_workbook_holds_the_lines_as_numbers_and_the_assumptions_with_their_basis(
    bureau,  # noqa: F811
    flexible_worker,  # noqa: F811
):
    import fastexcel

    version = bureau.draw()
    answer = client_of("卞立").get(reverse("desk:budget_workbook", args=[version.pk]))
    book = fastexcel.read_excel(io.BytesIO(answer.content).getvalue())
    assert book.sheet_names == [
        "按资金",
        "各级安排",
        "按政策和县",
        "逐月推算",
        "不重复享受",
        "假定",
        "下限",
        "说明",
    ]
    lines = book.load_sheet("按政策和县").to_polars()
    line = version.lines.get(policy_id=POLICY)
    (row,) = [row for row in lines.iter_rows(named=True) if row["县（市、区）"] == "广陵区"]
    assert round(row["预算（元）"] * 100) == line.budgeted_fen
    assert "没有文件规定" in book.load_sheet("假定").to_polars()["依据"][0]


def test_the_page_and_the_workbook_say_which_benefit_gave_way_to_which(
    pack,  # noqa: F811
    bureau,  # noqa: F811
    flexible_worker,  # noqa: F811
):
    import fastexcel

    (pack / "policies" / "bread.yaml").write_text(BREAD, encoding="utf-8")
    version = bureau.draw()
    drawer = client_of("蒋文斌")
    page = text_of(drawer.get(reverse("desk:budget", args=[version.pk])))
    assert "只计办件会付的那一项" in page
    assert ">¥</span>7,200<" in page  # twelve months at 600 yuan, which gave way to 700
    answer = drawer.get(reverse("desk:budget_workbook", args=[version.pk]))
    book = fastexcel.read_excel(io.BytesIO(answer.content).getvalue())
    (row,) = book.load_sheet("不重复享受").to_polars().iter_rows(named=True)
    assert (row["县（市、区）"], row["对象"], row["期数"]) == ("广陵区", 1, 12)
    assert round(row["扣除金额（元）"] * 100) == 12 * 60_000


def test_who_may_not_draw_up_sees_no_form_and_is_refused(bureau, flexible_worker):  # noqa: F811
    decider = client_of("卞立")
    assert "按实名数据推算" not in text_of(decider.get(reverse("desk:budgets")))
    assert decider.post(reverse("desk:budget_draw")).status_code == 403
    version = bureau.draw()
    fund = reverse("desk:budget_fund", args=[version.pk, FUND])
    assert decider.post(fund, {"municipality": "1"}).status_code in (403, 422)
    assert version.contributions.get(fund__code=FUND, giver="municipality").amount_fen == 0


def test_the_budget_of_the_year_under_way_is_begun_on_the_page_and_filled_in_by_fund(bureau):  # noqa: F811
    drawer = client_of("蒋文斌")
    assert "按财政文件登记</button>" in text_of(drawer.get(reverse("desk:budgets")))
    answer = drawer.post(reverse("desk:budget_running_year"), {"note": "扬财社〔2025〕1号"}, follow=True)
    version = BudgetVersion.objects.get()
    assert version.year == ON.year
    assert "请逐项资金登记各级安排的金额" in text_of(answer)
    assert "没有推算" in text_of(answer)
    assert "不重复享受" not in text_of(answer)
    page = drawer.get(reverse("desk:budget_fund", args=[version.pk, FUND]))
    assert page.status_code == 200
    assert "按财政文件登记</button>" not in text_of(drawer.get(reverse("desk:budgets")))
    assert client_of("卞立").post(reverse("desk:budget_running_year")).status_code == 403


def test_no_form_of_a_version_loses_what_was_typed(bureau, flexible_worker):  # noqa: F811
    drawer, version = client_of("蒋文斌"), bureau.draw()
    line = version.lines.order_by("pk")[0]
    one = reverse("desk:budget", args=[version.pk])
    pages = [one, reverse("desk:budget_fund", args=[version.pk, FUND]), reverse("desk:budget_line", args=[version.pk, line.pk])]  # fmt: skip
    found = losses((drawer, page) for page in pages)
    BudgetVersion.objects.filter(pk=version.pk).update(
        state="submitted", submitted_by=version.drawn_by, submitted_on=ON
    )
    found |= losses([(client_of("卞立"), one), (drawer, one)])
    walked(__file__, found)
    acts = [f"desk:budget_act {act}" for act in ("approve", "send_back")]
    assert found == dict.fromkeys([*acts, "desk:budget_assume", "desk:budget_fund", "desk:budget_line"], "")
