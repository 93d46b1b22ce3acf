"""The form on the applicant's page and the answer on the desk's, through the addresses people open."""

from __future__ import annotations

from jiuye.office.conduct.models import Rating
from jiuye.office.staff.models import Account
from tests.office.conduct.test_ratings import ended  # noqa: F401
from tests.office.matters.conftest import officer


def test_a_low_mark_goes_from_the_applicants_page_to_the_desk_and_its_answer_back(client, ended, me):  # noqa: F811
    client.force_login(Account.objects.get(pk=me.account_id))
    page = f"/my/services/matters/{ended.pk}/"
    assert "这件事办得怎么样" in client.get(page).content.decode()
    client.post(f"{page}rate/", {"level": "unsatisfied", "words": "窗口没有人"})
    rating = Rating.objects.get()
    other = officer("区审核二", "reviewer", "321002")
    client.force_login(Account.objects.get(pk=other.account_id))
    assert ended.number in client.get("/desk/ratings/").content.decode()
    assert "窗口没有人" in client.get(f"/desk/ratings/{rating.pk}/").content.decode()
    client.post(f"/desk/ratings/{rating.pk}/answer/", {"words": "已调整值班"})
    client.force_login(Account.objects.get(pk=me.account_id))
    assert "已调整值班" in client.get(page).content.decode()
