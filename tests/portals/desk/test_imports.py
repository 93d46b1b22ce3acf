"""The import pages: a list is uploaded, looked at, accepted, taken back; and every refusal stays on the page."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiuye.office.registry.models import ImportBatch, Person
from jiuye.office.staff.models import Account, LookRecord
from jiuye.office.staff.queries import Actor
from tests.office.registry.conftest import TODAY, officer
from tests.office.registry.conftest import city as city
from tests.office.registry.importing.situations import HEADINGS, row, table


@pytest.fixture(autouse=True)
def _office(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.OFFICE_DATE = TODAY.isoformat()


def client_for(actor: Actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


@pytest.fixture
def desk(city) -> Client:
    return client_for(officer("caseworker", "321002"))


def send(desk: Client, content: bytes, name: str = "名单.csv", source: str = "入户摸排"):
    file = SimpleUploadedFile(name, content)
    return desk.post(reverse("desk:import_upload"), {"file": file, "source": source}, follow=True)


def act(desk: Client, name: str, batch: ImportBatch, **fields):
    return desk.post(reverse(f"desk:{name}", args=[batch.pk]), fields, follow=True)


def text(response) -> str:
    return response.content.decode()


def test_an_upload_leads_to_its_preview_and_writes_nothing(desk):
    response = send(desk, table(row(), row("李娜", sequence=124, 手机号="1")))
    assert "这是预览，还没有写入任何内容" in text(response)
    assert "手机号应为11位" in text(response)
    assert "张伟" not in text(response)  # names are masked in the preview
    assert "张*" in text(response)
    assert not Person.objects.exists()


def test_the_preview_is_accepted_and_taken_back(desk):
    send(desk, table(row()))
    batch = ImportBatch.objects.get()
    assert "李经办于" in text(act(desk, "import_accept", batch))
    assert Person.objects.count() == 1
    assert "整批撤销" in text(act(desk, "import_undo", batch))
    assert not Person.objects.exists()


def test_the_accepting_form_posted_twice_writes_once(desk):
    send(desk, table(row()))
    batch = ImportBatch.objects.get()
    act(desk, "import_accept", batch)
    assert act(desk, "import_accept", batch).status_code == 200
    assert Person.objects.count() == 1


def test_a_file_that_is_no_list_is_refused_beside_the_field(desk):
    response = send(desk, b"PK\x03\x04 broken", "名单.xlsx")
    assert response.status_code == 422
    assert "却不是工作簿" in text(response)
    assert "没有可以导入的工作表" in text(send(desk, "你好\n世界\n".encode()))
    assert "0字节" in text(send(desk, b""))
    assert not ImportBatch.objects.exists()


def test_a_form_without_a_file_or_source_says_what_is_missing(desk):
    response = desk.post(reverse("desk:import_upload"), {})
    assert response.status_code == 422
    assert "请选择名单文件" in text(response)
    assert "请写明名单来自哪里" in text(response)


def test_columns_are_mapped_anew_from_the_page(desk):
    send(desk, table(row(), headings=[*HEADINGS[:4], "号码一", *HEADINGS[5:]]))
    batch = ImportBatch.objects.get()
    response = act(desk, "import_columns", batch, heading=["号码一"], field=["phone"])
    assert "已按您指定的列重新预览" in text(response)
    again = ImportBatch.objects.order_by("-pk").first()
    assert {"heading": "号码一", "field": "phone", "how": "chosen"} in again.mapping["CSV"]


def test_columns_posted_without_a_change_make_no_new_preview(desk):
    send(desk, table(row()))
    batch = ImportBatch.objects.get()
    fields = [column["field"] for column in batch.mapping["CSV"]]
    assert "没有改动" in text(act(desk, "import_columns", batch, heading=HEADINGS, field=fields))
    assert ImportBatch.objects.count() == 1


def test_the_rejected_rows_are_listed_by_reason_and_downloaded_with_a_recorded_look(desk):
    send(desk, table(row(), row(sequence=125, 手机号="1"), row(sequence=127, 文化程度="本课")))
    batch = ImportBatch.objects.get()
    address = reverse("desk:import_rejected", args=[batch.pk])
    assert "CSV 第4行" in text(desk.get(address))
    assert "CSV 第4行" not in text(desk.get(f"{address}?reason=phone_shape"))
    response = act(desk, "import_download", batch)
    assert response.content.startswith(b"PK")
    assert response.headers["Content-Disposition"] == f'attachment; filename="rejected-{batch.pk}.xlsx"'
    assert LookRecord.objects.get().subject_key == str(batch.pk)
    assert desk.get(reverse("desk:import_download", args=[batch.pk])).status_code == 405


def test_a_discarded_import_keeps_its_page_and_refuses_the_rest(desk):
    send(desk, table(row(), row(sequence=125, 手机号="1")))
    batch = ImportBatch.objects.get()
    assert "已放弃" in text(act(desk, "import_discard", batch))
    assert "不能入库" in text(act(desk, "import_accept", batch))
    assert "已不在服务器上" in text(act(desk, "import_download", batch))


def test_an_undo_that_is_blocked_says_by_what(desk):
    send(desk, table(row()))
    batch = ImportBatch.objects.get()
    act(desk, "import_accept", batch)
    Account.objects.create_account(
        username="zhang",
        display_name="张伟",
        password="x",
        kind="resident",
        subject_key=str(Person.objects.get().pk),
    )
    assert "1人开通了本人账号" in text(act(desk, "import_undo", batch))
    assert Person.objects.count() == 1


@pytest.mark.parametrize("name", ["import", "import_rejected"])
def test_another_officers_import_is_not_found(desk, city, name):
    send(desk, table(row()))
    batch = ImportBatch.objects.get()
    other = client_for(officer("caseworker", "321002", "另一位"))
    assert other.get(reverse(f"desk:{name}", args=[batch.pk])).status_code == 404
    assert act(other, "import_accept", batch).status_code == 404


def test_who_may_not_import_does_not_see_the_pages(city):
    reviewer = client_for(officer("reviewer", "3210"))
    assert reviewer.get(reverse("desk:imports")).status_code == 403
    assert send(reviewer, table(row())).status_code == 403


def test_warnings_stand_on_the_page(desk):
    swapped = table(
        *[["张伟", row(sequence=number)[1], "男", "琼花观社区"] for number in (101, 103, 105)],
        headings=["姓名", "性别", "身份证号", "常住地"],
    )
    response = send(desk, swapped)
    assert "表头与内容可能错开了" in text(response)
    assert ImportBatch.objects.get().accepted_count == 0


def test_the_preview_shows_both_values_and_says_first_whose_money_would_go_elsewhere(desk):
    headings = [*HEADINGS, "开户行", "银行账号"]
    send(desk, table([*row(), "江苏银行", "6222021108000123455"], headings=headings))
    act(desk, "import_accept", ImportBatch.objects.get())
    changed = [*row(手机号="13900001111"), "建设银行", "6217001210024455220"]
    page = text(send(desk, table(changed, headings=headings)))
    batch = ImportBatch.objects.order_by("-pk").first()
    warned = page.index("1 位居民的钱会付到别的地方")
    assert warned < page.index("入库后的前几行")
    for shown in ("622****3455", "621****5220", "江苏银行", "建设银行", "138****0123", "139****1111"):
        assert shown in page
    assert "6222021108000123455" not in page
    assert "会覆盖 3 个在册的值" in page
    assert "已入库，覆盖了 3 个在册的值" in text(act(desk, "import_accept", batch))
