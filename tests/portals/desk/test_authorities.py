"""A relative's authority on the pages: put on record with its file, used for a subsidy and a matter, seen and ended by the resident."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jiuye.office.casework.models import Authority, Case
from jiuye.office.matters.models import Matter
from jiuye.office.staff.models import LookRecord
from tests.office.authorities import DAUGHTER, authority
from tests.office.casework.conftest import DAY, make_officer
from tests.papers import pdf
from tests.portals.refused_forms import losses, walked

FORM = {
    "holder_name": "张小兰",
    "holder_id_number": DAUGHTER,
    "relation": "child",
    "start": DAY.isoformat(),
    "last_day": (DAY + timedelta(days=29)).isoformat(),
}


def paper(content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile("授权.pdf", content or pdf(), content_type="application/pdf")


@pytest.fixture
def counter(desk_of, caseworker, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return desk_of(caseworker)


def test_it_is_put_on_record_to_its_last_day_and_the_file_is_looked_at_with_a_purpose(counter, person):
    counter.post(reverse("desk:authority_record", args=[person.pk]), FORM | {"proof": paper()})
    given = Authority.objects.get()
    assert (given.start, given.until) == (DAY, DAY + timedelta(days=30))
    page = counter.get(reverse("desk:person", args=[person.pk])).text
    assert "子女 张**" in page
    assert DAUGHTER not in page
    answer = counter.post(reverse("desk:authority_paper", args=[given.pk]), {"purpose": "核对授权"})
    assert answer.content == pdf()
    assert LookRecord.objects.get().purpose == "核对授权"


def test_what_is_refused_of_it_comes_back_with_the_sentence_at_its_field(counter, person):
    url = reverse("desk:authority_record", args=[person.pk])
    back = counter.post(
        url,
        FORM | {"holder_id_number": "321002200207010040", "proof": paper()},
        headers={"Referer": "http://testserver/"},
    )
    assert back.status_code == 422
    assert "身份证号的校验位不对" in back.text
    assert "张小兰" in back.text
    back = counter.post(url, FORM | {"proof": paper(b"MZ no paper")})
    assert "只收 PDF、PNG、JPEG" in back.text
    assert not Authority.objects.exists()


def test_nothing_typed_at_its_forms_is_lost(counter, caseworker, person):
    authority(caseworker, person, on=DAY)
    found = losses([(counter, reverse("desk:person", args=[person.pk]))])
    walked(__file__, {name: lost for name, lost in found.items() if "authority" in name})


def test_by_it_a_subsidy_is_confirmed_and_the_case_says_by_whom(counter, caseworker, person, entitlement):
    given = authority(caseworker, person, on=DAY)
    found = reverse("desk:found_one", args=[entitlement.pk])
    assert "子女 张**，授权至" in counter.get(found).text
    counter.post(reverse("desk:found_confirm", args=[entitlement.pk]), {"authority": given.pk})
    case = Case.objects.get()
    page = counter.get(reverse("desk:case", args=[case.pk])).text
    for words in ("亲属持授权代办", "由子女 张**持授权代办。", "由谁来窗口办"):
        assert words in page
    counter.post(reverse("desk:case_speaker", args=[case.pk]), {"authority": ""})
    case.refresh_from_db()
    assert case.authority is None
    assert "本人到场，不再由亲属代办" in counter.get(reverse("desk:case", args=[case.pk])).text


def test_by_it_a_matter_is_begun_and_once_it_is_ended_the_form_says_why_it_is_refused(
    counter, caseworker, desk_of, owner, person
):
    given = authority(caseworker, person, on=DAY)
    counter.post(
        reverse("desk:start_matter", args=[person.pk]),
        {"item": "unemployment-registration", "authority": given.pk},
    )
    matter = Matter.objects.get()
    assert (matter.way, matter.authority) == ("relative", given)
    mine = desk_of(owner)
    page = mine.get(reverse("resident:authorities")).text
    assert "开始填写" in page
    assert matter.number in page
    mine.post(reverse("resident:authority_end", args=[given.pk]))
    assert "已于 2025-06-09 终止" in mine.get(reverse("resident:authorities")).text
    form = reverse("desk:fill_matter", args=[matter.pk])
    assert "请改由本人到场办理" in counter.get(form).text
    typed = {
        "reason": "contract_ended",
        "left_on": "2025-06-01",
        "able_to_work": "yes",
        "seeking_work": "yes",
    }
    counter.post(form, typed)
    matter.refresh_from_db()
    assert matter.state == "draft"
    counter.post(reverse("desk:matter_speaker", args=[matter.pk]), {"authority": "", "back": "form"})
    counter.post(form, typed)
    matter.refresh_from_db()
    assert (matter.state, matter.way) == ("submitted", "on_behalf")


def test_the_resident_opens_her_own_proof_and_nobody_elses(
    counter, caseworker, desk_of, owner, person, divisions
):
    from tests.office.casework.conftest import make_person

    mine = authority(caseworker, person, on=DAY)
    hers = authority(caseworker, make_person("李桂芳", number="321002198001010028"), on=DAY)
    client = desk_of(owner)
    assert client.get(reverse("resident:authority_proof", args=[mine.pk])).content == pdf("authority")
    assert client.get(reverse("resident:authority_proof", args=[hers.pk])).status_code == 404
    client.post(reverse("resident:authority_end", args=[hers.pk]))
    hers.refresh_from_db()
    assert hers.withdrawn_on is None


def test_an_officer_elsewhere_neither_sees_nor_ends_it(counter, caseworker, desk_of, person, divisions):
    given = authority(caseworker, person, on=DAY)
    elsewhere = desk_of(make_officer("外区经办", "caseworker", "321003"))
    assert (
        elsewhere.post(reverse("desk:authority_paper", args=[given.pk]), {"purpose": "看看"}).status_code
        == 404
    )
    elsewhere.post(reverse("desk:authority_end", args=[person.pk, given.pk]), {"note": "不要了"})
    given.refresh_from_db()
    assert given.withdrawn_on is None
