"""An employer's matter is begun at the counter as a resident's is."""

from __future__ import annotations

import pytest
from django.test import Client

from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import Employer
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import DAY
from tests.office.places import VILLAGE

pytestmark = pytest.mark.django_db


def test_a_case_worker_begins_the_recognition_of_a_base_for_an_employer_that_came_to_the_counter(
    street, settings
):
    settings.OFFICE_DATE = DAY.isoformat()
    firm = Employer.objects.create(
        name="广陵机械厂",
        credit_code="91321002MA1XXXXX7Q",
        kind="enterprise",
        division_id=VILLAGE,
        source="测试登记",
    )
    client = Client()
    client.force_login(Account.objects.get(pk=street.account_id))
    assert "就业见习基地认定" in client.get(f"/desk/employers/{firm.pk}/").content.decode()
    answer = client.post(
        f"/desk/matters/start/employers/{firm.pk}/", {"item": "traineeship-base-recognition"}
    )
    matter = Matter.objects.get()
    assert (matter.employer, matter.way, matter.state) == (firm, "on_behalf", "draft")
    assert client.get(answer.url).status_code == 200
