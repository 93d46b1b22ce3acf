"""The import pages in a browser: every state of an import fits, is accessible and quiet, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from jiuye.office.registry.importing import operations
from jiuye.office.registry.models import ImportBatch, Person
from jiuye.office.staff.models import Account
from tests.office.registry.conftest import NOW, TODAY, officer
from tests.office.registry.conftest import city as city
from tests.office.registry.importing.situations import HEADINGS, preview, row, table, workbook

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _office(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.OFFICE_DATE = TODAY.isoformat()


@pytest.fixture
def importer(city):
    return officer("caseworker", "321002")


def account(actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


def a_list_with_troubles() -> bytes:
    """Two sheets and a note; guesses, a column nobody knows, and rows that are sent back for different reasons."""
    headings = ["序号", *HEADINGS, "残疾情况(是/否)", "奇怪的列"]
    sound = [
        [str(n), *row(name, sequence=100 + n), "否", ""]
        for n, name in enumerate(["𠮷野秀英", "张伟", "李娜", "买买提·阿不都拉", "王芳"])
    ]
    wrong = [
        ["9", *row("赵磊", sequence=201, 手机号="138123"), "否", ""],
        ["10", *row("钱敏", sequence=202, 身份证号="3.21002E+17"), "否", ""],
        ["11", *row("孙丽", sequence=203, **{"常住地（社区）": "新民社区"}), "三级", ""],
        ["12", "周强", "", *row("周强", sequence=205)[1:], "否"],
        ["13", *row("吴静", sequence=206, 文化程度="本课", 失业登记日期="45352"), "否", ""],
    ]
    return workbook(东关街道=[["东关街道摸排名单"], headings, *sound, *wrong], 填表说明=[["请按要求填写"]])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_state_of_an_import_is_well_made(visit, importer, language):
    seen = visit(account=account(importer), language=language)
    seen.open("/desk/imports/")
    seen.assert_well_made(f"imports-empty-{language}")
    batch = preview(importer, a_list_with_troubles(), "东关街道2024年7月摸排.xlsx")
    for name, path in (("preview", ""), ("rejected", "rejected/")):
        seen.open(f"/desk/imports/{batch.pk}/{path}")
        seen.assert_well_made(f"imports-{name}-{language}")
    operations.accept(actor=importer, batch=batch, at=NOW, on=TODAY)
    seen.open(f"/desk/imports/{batch.pk}/")
    seen.assert_well_made(f"imports-accepted-{language}")
    seen.open("/desk/imports/")
    seen.assert_well_made(f"imports-list-{language}")


def test_a_list_is_uploaded_accepted_and_taken_back_by_hand(visit, importer, tmp_path):
    file = tmp_path / "名单.csv"
    file.write_bytes(table(row(), row("李娜", sequence=124)))
    page = visit(account=account(importer)).open("/desk/imports/")
    page.get_by_label("名单文件").set_input_files(file)
    page.get_by_label("来源").fill("入户摸排")
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_text("这是预览，还没有写入任何内容")).to_be_visible()
    page.get_by_role("button", name="入库").click()
    page.get_by_role("button", name="确认入库").click()
    expect(page.get_by_text("已入库。")).to_be_visible()
    assert Person.objects.count() == 2
    page.get_by_role("button", name="整批撤销").click()
    page.get_by_role("button", name="确认撤销").click()
    expect(page.get_by_text("已整批撤销").first).to_be_visible()
    assert ImportBatch.objects.get().state == "undone"
    assert not Person.objects.exists()
