"""The pages of the workbench as their addresses answer: who may, what is refused in words, what is handed out."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client

from jiuye.office.entitlements import operations as entitlements
from jiuye.office.entitlements.asked_simulations import SIMULATIONS
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.simulating import simulate_drafts
from jiuye.office.policies import operations
from jiuye.office.policies.models import Draft, PolicyVersion, Publication
from jiuye.office.policies.operations import publish_draft
from jiuye.office.staff.models import Account
from jiuye.portals.workbench.forms import grid_of, plain_number
from tests.office.policies.conftest import (
    AT,
    FILE,
    ON,
    PARAMETERS,
    POLICY,
    approved,
    changed,
    drafted,
    officer,
    with_share,
)

pytestmark = pytest.mark.django_db


def client(actor) -> Client:
    made = Client()
    made.force_login(Account.objects.get(pk=actor.account_id))
    return made


def said(response) -> str:
    return response.content.decode()


def test_a_policy_officer_begins_at_the_workbench_and_a_case_worker_may_not_open_it(writer):
    assert client(writer).get("/").headers["Location"] == "/policies/"
    worker = client(officer("经办", "caseworker"))
    assert worker.get("/").headers["Location"] == "/desk/"
    assert worker.get("/policies/").status_code == 403


def test_the_first_page_warns_of_what_runs_out_and_says_what_is_wrong_with_the_files(pack, writer):
    def write(name: str, text: str) -> None:
        path = pack / name
        before = path.stat().st_mtime_ns
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(before + 10**9, before + 10**9))

    write(FILE, changed(pack, "in_force: {from: 2023-01-01}", "in_force: {from: 2023-01-01, to: 2025-05-31}"))
    page = client(writer)
    first = said(page.get("/policies/"))
    assert "已到期和 60 天内到期" in first
    assert "2025年5月31日（还有 47 天）" in first
    write("facts.yaml", (pack / "facts.yaml").read_text(encoding="utf-8") + "\nnonsense: 1\n")
    broken = page.get("/policies/")
    assert broken.status_code == 200
    assert "判定仍按上一个正确的版本进行" in said(broken)
    assert "nonsense" in said(broken)
    page.cookies["django_language"] = "en"
    assert "Decisions go on by the last sound version" in said(page.get("/policies/"))


def test_a_check_answers_with_the_mistakes_beside_their_lines_and_keeps_nothing(pack, writer):
    draft = drafted(writer, with_share(pack))
    wrong = with_share(pack).replace("test: flexible_registered\n", "test: flexibel_registered\n")
    answer = said(client(writer).post(f"/policies/drafts/{draft.pk}/check/", {"file": FILE, "text": wrong}))
    assert '<li id="L66" class="is-bad">66</li>' in answer
    assert "<mark>flexibel_registered</mark>" in answer
    assert 'hx-swap-oob="true"' in answer
    assert operations.texts_of_draft(draft)[FILE] == with_share(pack)


def test_what_another_window_saved_is_not_overwritten_and_what_was_typed_here_is_not_lost(pack, writer):
    draft = drafted(writer, with_share(pack))
    answer = client(writer).post(
        f"/policies/drafts/{draft.pk}/save/", {"file": FILE, "text": "id: my-own-words", "revision": "0"}
    )
    assert answer.status_code == 422
    assert "id: my-own-words" in said(answer)
    assert "在另一个窗口里已经改过" in said(answer)
    assert operations.texts_of_draft(draft)[FILE] == with_share(pack)


def test_a_form_writes_one_value_and_leaves_every_other_character(pack, writer):
    draft = drafted(writer, with_share(pack))
    page = client(writer)
    address = f"/policies/drafts/{draft.pk}/values/write/"
    page.post(
        address,
        {"file": FILE, "what": "set", "place": "share/2022-01-01", "value": "55%", "start": "2022-01-01"},
    )
    assert operations.texts_of_draft(draft)[FILE] == with_share(pack).replace("value: 0.6,", "value: 0.55,")
    page.post(
        address,
        {
            "file": FILE,
            "what": "add",
            "place": "share/2022-01-01",
            "value": "0.7",
            "start": "2026-01-01",
            "source": "huaian",
        },
    )
    assert "\n      2026-01-01: {value: 0.7, source: huaian}\n" in operations.texts_of_draft(draft)[FILE]
    page.post(address, {"file": FILE, "what": "force", "from": "2023-01-01", "to": "2025-12-31"})
    assert "in_force: {from: 2023-01-01, to: 2025-12-31}" in operations.texts_of_draft(draft)[FILE]
    before = operations.texts_of_draft(draft)
    for more, word in (
        ({"what": "set", "place": "share/2022-01-01", "value": "六成"}, "不能作为"),
        ({"what": "set", "place": "nothing/2022-01-01", "value": "1"}, "找不到这一处"),
        ({"what": "add", "place": "share/2022-01-01", "value": "0.7", "start": "2027-01-01"}, "都要有出处"),
        ({"what": "set", "place": "share/2022-01-01", "value": "0.7", "start": "昨天"}, "不是日期"),
        ({"what": "force", "from": ""}, "开始施行的日期"),
    ):
        answer = page.post(address, {"file": FILE, **more}, follow=True)
        assert word in said(answer), more
    assert operations.texts_of_draft(draft) == before


def test_percentages_and_chinese_commas_are_understood_in_a_grid():
    assert [plain_number(text) for text in ("55%", "60％", "5%", "62.5%", "0.5", "120%", "100%")] == [
        "0.55", "0.6", "0.05", "0.625", "0.5", "1.2", "1",
    ]  # fmt: skip
    post = QueryDict(mutable=True)
    post.update(
        {
            "grid_1": f"{FILE}|share/2022-01-01",
            "values_1": "55%，60%、0.65, 60%",
            "grid_2": "",
            "values_2": "1",
        }
    )
    grid = grid_of(post)
    assert grid is not None
    assert [(axis.file, axis.place, axis.values) for axis in grid.axes] == [
        (FILE, "share/2022-01-01", ("0.55", "0.6", "0.65"))
    ]
    assert grid_of(QueryDict("grid_1=&values_1=1")) is None


def test_a_simulation_is_read_and_handed_out_as_a_workbook(pack, writer, flexible_worker):
    draft = drafted(writer, with_share(pack), title="=1+1 比例")
    run = simulate_drafts(actor=writer, draft_ids=[draft.pk], on=ON, at=AT)
    page = client(writer)
    answer = said(page.get(f"/policies/drafts/simulations/{run.pk}/"))
    assert "广陵区" in answer
    assert "只有金额改变" in answer
    book = page.get(f"/policies/drafts/simulations/{run.pk}/workbook/")
    assert book.headers["Content-Disposition"].endswith('.xlsx"')
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        sheets = parts.read("xl/workbook.xml").decode()
        strings = parts.read("xl/sharedStrings.xml").decode()
        cells = "".join(parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name)
    for name in ("比较", "逐月", "条件", "县（市、区）"):
        assert name in sheets
    assert "<f>" not in cells  # a title that looks like a formula stays a text
    assert "=1+1 比例" in strings
    assert "<v>720.00</v>" in cells


def test_a_simulation_that_cannot_be_run_says_why(pack, writer, flexible_worker):
    draft = operations.start_draft(actor=writer, title="没有改动", paths=[FILE], at=AT)
    answer = client(writer).post(f"/policies/drafts/{draft.pk}/simulate/", {}, follow=True)
    assert "没有差别" in said(answer)
    broken = drafted(writer, "conditions: {")
    answer = client(writer).post(f"/policies/drafts/{broken.pk}/simulate/", {}, follow=True)
    assert "处错误，改正后才能测算" in said(answer)
    draft = drafted(writer, with_share(pack))
    other = drafted(writer, with_share(pack), title="另一份")
    typed = {"beside": str(other.pk), "grid_1": f"{FILE}|share/2022-01-01", "values_1": "六成, 65%"}
    answer = client(writer).post(f"/policies/drafts/{draft.pk}/simulate/", typed)
    assert answer.status_code == 422
    page = said(answer)
    assert 'value="六成, 65%"' in page  # what was filled in stays
    assert f'value="{other.pk}" checked' in page


def test_a_simulation_is_asked_for_made_beside_the_page_and_then_stands_on_it(pack, writer, flexible_worker):
    draft = drafted(writer, with_share(pack))
    page, address = client(writer), f"/policies/drafts/{draft.pk}/simulate/"
    answer = page.post(address, {}, follow=True)
    assert "已开始测算" in said(answer)
    assert "等待测算" in said(answer)
    assert 'hx-trigger="every 3s"' in said(answer)
    (done,) = SIMULATIONS.carry_out(clock=lambda: AT)
    answer = said(page.get(address))
    assert "测算完成" in answer
    assert f"/policies/drafts/simulations/{done.simulation_id}/" in answer
    assert "every 3s" not in answer


def test_the_author_is_offered_no_approval_and_cannot_take_it(pack, writer, reviewer):
    draft = drafted(writer, with_share(pack))
    page = client(writer)
    page.post(f"/policies/drafts/{draft.pk}/act/submit/")
    assert "等另一人审核。" in said(page.get(f"/policies/drafts/{draft.pk}/review/"))
    assert page.post(f"/policies/drafts/{draft.pk}/act/approve/").status_code == 403
    other = client(reviewer)
    assert "退回的理由" in said(other.get(f"/policies/drafts/{draft.pk}/review/"))
    other.post(f"/policies/drafts/{draft.pk}/act/return/", {"note": "请补出处"})
    assert "请补出处" in said(page.get(f"/policies/drafts/{draft.pk}/review/"))
    assert page.post(f"/policies/drafts/{draft.pk}/act/nothing/").status_code == 404
    assert Draft.objects.get().state == "returned"


def test_a_publication_is_shown_with_its_patch_and_one_that_is_due_can_be_brought_into_force(
    pack,
    writer,
    reviewer,
    flexible_worker,
    settings,
):
    entitlements.run_sweep(actor=None, on=ON, at=AT)
    draft = approved(writer, reviewer, with_share(pack))
    later = ON + timedelta(days=5)
    publish_draft(actor=reviewer, draft_id=draft.pk, effective_on=later, on=ON, at=AT)
    publication = Publication.objects.get()
    page = client(reviewer)
    assert "等待施行" in said(page.get("/policies/published/"))
    assert "并入 plans/" in said(page.get(f"/policies/published/{publication.pk}/"))
    patch = said(page.get(f"/policies/published/{publication.pk}/patch/"))
    assert f"+++ b/plans/{pack.name}/{FILE}" in patch
    settings.OFFICE_DATE = later.isoformat()
    assert "现在施行" in said(page.get("/policies/"))
    assert client(writer).post("/policies/published/apply/").status_code == 403
    answer = page.post("/policies/published/apply/", follow=True)
    assert "已施行 1 项公布" in said(answer)


def test_a_past_decision_leads_to_the_version_that_made_it_on_the_desk_too(pack, flexible_worker):
    entitlements.run_sweep(actor=None, on=ON, at=AT)
    row = PolicyVersion.objects.get(policy_id=POLICY)
    page = client(officer("经办", "caseworker"))
    answer = said(page.get(f"/desk/versions/{POLICY}/{row.version}/"))
    assert "就业困难人员；离校2年内未就业高校毕业生" in answer
    assert "value: 0.5, source: changzhou-2022" in answer
    assert page.get(f"/desk/versions/{POLICY}/0000000000000000/").status_code == 404
    found = Entitlement.objects.get(policy_id=POLICY)
    assert f"/desk/versions/{POLICY}/{row.version}/" in said(page.get(f"/desk/found/{found.pk}/"))


def test_a_new_policy_is_begun_with_its_id_and_a_name_that_is_none_is_refused(writer):
    page = client(writer)
    page.post("/policies/drafts/start/", {"title": "新补贴", "name": "new-allowance"})
    draft = Draft.objects.get()
    assert [file.path for file in draft.files.order_by("path")] == ["policies/new-allowance.yaml"]
    answer = page.post("/policies/drafts/start/", {"title": "坏名字", "name": "../x"}, follow=True)
    assert "不是规则包里的文件名" in said(answer)
    answer = page.post(f"/policies/drafts/{draft.pk}/files/", {"path": PARAMETERS}, follow=True)
    assert "insurance-subsidy.yaml" in said(answer)
    page.post(f"/policies/drafts/{draft.pk}/files/drop/", {"path": PARAMETERS})
    assert draft.files.count() == 1
