"""A text in hand stands in for a file of the pack: the same answers, the same mistakes at the same places, the same versions."""

from __future__ import annotations

from jiuye.engine.rules.pack import load_pack, load_texts, require_pack
from tests.engine.rules.workshop import TITHE, Change, changed_tithe, rendered

GIFT = "policies/firewood-gift.yaml"
DRAFT = (TITHE / GIFT).read_text(encoding="utf-8")


def test_a_draft_is_checked_and_versioned_as_if_it_stood_in_the_folder(tmp_path):
    change = Change(GIFT, "income < yuan(2000)", "income < yuan(2500)")
    there, _ = load_pack(changed_tithe(tmp_path, change))
    laid, problems = load_pack(TITHE, {GIFT: DRAFT.replace(change.old, change.new)})
    assert not problems.errors
    assert {policy.id: policy.version for policy in laid.policies.values()} == {
        policy.id: policy.version for policy in there.policies.values()
    }
    today = require_pack(TITHE)
    assert laid.policies["firewood-gift"].version != today.policies["firewood-gift"].version
    assert laid.policies["monthly-tithe"].version == today.policies["monthly-tithe"].version


def test_a_mistake_in_a_draft_is_said_where_it_stands(tmp_path):
    change = Change(GIFT, "children >= 1", "childern >= 1")
    there = rendered(changed_tithe(tmp_path, change), "en")
    _, problems = load_pack(TITHE, {GIFT: DRAFT.replace(change.old, change.new)})
    said = "\n".join(problem.render("en") for problem in problems.errors)
    assert said.replace("tithe_pack/", "tithe/") == there
    assert "did you mean 'children'?" in said


def test_a_new_policy_is_added_without_a_file():
    text = DRAFT.replace("id: firewood-gift", "id: kindling-gift").replace("name: 柴火补贴", "name: 引火补贴")
    pack, problems = load_pack(TITHE, {"policies/kindling-gift.yaml": text})
    assert not problems.errors
    assert sorted(pack.policies) == ["firewood-gift", "kindling-gift", "monthly-tithe"]


def test_windows_line_ends_are_the_same_text():
    pack, problems = load_pack(TITHE, {GIFT: DRAFT.replace("\n", "\r\n")})
    assert not problems.errors
    assert pack.policies["firewood-gift"].version == require_pack(TITHE).policies["firewood-gift"].version


def test_a_text_that_is_no_file_of_a_pack_is_refused():
    for name in ("plan.yaml", "policies/../facts.yaml", "policies/.hidden.yaml", "/etc/x.yaml"):
        _, problems = load_pack(TITHE, {name: DRAFT})
        assert [problem.code for problem in problems.errors] == ["no-file-of-a-pack"]
        assert f"“{name}”" in problems.errors[0].zh


def test_an_archive_of_texts_decides_as_the_folder_did():
    today = require_pack(TITHE)
    gift = today.policies["firewood-gift"]
    kept = {name: today.texts[name] for name in gift.dependencies}
    pack, problems = load_texts(kept, "archive")
    assert not problems.errors
    assert pack.policies["firewood-gift"].version == gift.version


def test_a_publication_that_ends_what_a_question_is_about_is_not_kept_back(tmp_path):
    """The question's mistake is said, as a notice: the rules come into force, and the question is asked no more."""
    questions = """audiences:
  islander:
    questions:
      - id: freed
        ask: 您是否免税？
        ask_en: Are you exempt?
        options:
          - {id: free, says: 免税, says_en: exempt, facts: {tithe: 0}}
          - {id: not-free, says: 不免税, says_en: not exempt, facts: {exempt: false}}"""
    folder = changed_tithe(tmp_path, Change("questions.yaml", "", questions))
    _, problems = load_pack(folder)
    assert not problems.errors
    people = (folder / "derived/people.yaml").read_text(encoding="utf-8").replace("  tithe:", "  tenth:")
    tithe = (folder / "policies/monthly-tithe.yaml").read_text(encoding="utf-8")
    overlay = {
        "derived/people.yaml": people,
        "policies/monthly-tithe.yaml": tithe.replace("amount: tithe", "amount: tenth"),
    }
    pack, problems = load_pack(folder, overlay)
    assert [(item.code, item.warning) for item in problems] == [("unknown-path", True)]
    assert set(pack.audiences) == {"islander"}
