"""Which question comes next: only what can still change an answer, and of that what settles most."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jiuye.engine.rules.answers import UNSURE, WrongAnswerError, read_answer
from jiuye.engine.rules.interviews import Interviewer, Subject
from jiuye.engine.rules.pack import Pack, load_pack
from jiuye.engine.rules.questions import Inquiry, State
from jiuye.engine.rules.rows import Row
from tests.engine.rules.workshop import Change, changed_tithe, pack_of, rendered, written

ON = date(2016, 5, 20)
FACTS = """
entities:
  worker:
    name: 劳动者
    name_en: worker
    facts:
      married: {type: boolean, name: 已婚, name_en: married, register: 民政, ask: 您结婚了吗？, ask_en: Are you married?}
      working: {type: boolean, name: 在职, name_en: at work, register: 人社, ask: 您在职吗？, ask_en: Are you at work?}
      member: {type: boolean, name: 会员, name_en: member, register: 工会, ask: 您是会员吗？, ask_en: Are you a member?}
      wage: {type: money, name: 月工资, name_en: wage, register: 税务, ask: 月工资多少？, ask_en: What is your wage?}
      rent: {type: money, name: 房租, name_en: rent, register: 住建, ask: 房租多少？, ask_en: What is your rent?}
  badge:
    name: 证书
    name_en: badge
    relations:
      holder: {to: worker, name: 持证人}
    facts:
      level: {type: integer, name: 级别, name_en: level, register: 人社, ask: 几级？, ask_en: Which level?}
"""
POLICY = """
id: {id}
name: {id}
name_en: {id}
for: worker
{per}period: once
in_force: {{from: 2010-01-01}}
sources:
  law: {{document: 办法, date: 2010-01-01, supports: 金额}}
conditions:
{conditions}
amount: "{amount}"
cases:
  - {{name: 什么都不知道, on: 2016-05-20, facts: {{}}, expect: {{verdict: unknown}}}}
"""


def policy(name: str, *tests: str, amount: str = "yuan(100)", per: str = "") -> dict[str, str]:
    """A policy with these conditions, one clause each."""
    conditions = "\n".join(
        f"  - {{id: c{number}, law: 法, says: 条件{number}, says_en: condition {number}, test: '{test}'}}"
        for number, test in enumerate(tests, start=1)
    )
    text = POLICY.format(id=name, conditions=conditions, amount=amount, per=per)
    return {f"policies/{name}.yaml": text}


def inquiry(folder: Path, *policies: dict[str, str], questions: str = "    questions: []") -> Inquiry:
    files = {"facts.yaml": FACTS, "questions.yaml": f"audiences:\n  worker:\n{questions}\n"}
    for one in policies:
        files |= one
    pack = pack_of(folder, files)
    return Inquiry(pack, pack.audiences["worker"])


def asked(state: State) -> str:
    return state.question.id if state.question is not None else ""


def statuses(state: State) -> dict[str, str]:
    return {standing.policy.id: standing.status for standing in state.standings}


def test_a_fact_of_a_policy_that_already_fails_is_not_asked(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "working", "member"))
    state = calculator.state({"working": False}, ON)
    assert (statuses(state), asked(state), state.most_left) == ({"grant": "no"}, "", 0)
    assert state.standings[0].failing == ("c1",)


def test_a_fact_under_a_condition_that_is_already_decided_is_not_asked(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "working or married", "member"))
    state = calculator.state({"working": True}, ON)
    assert asked(state) == "member"
    assert asked(calculator.state({"working": True, "member": True}, ON)) == ""


def test_facts_of_an_amount_are_asked_once_all_conditions_hold_and_not_before(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "working", amount="wage"))
    assert asked(calculator.state({}, ON)) == "working"
    known = calculator.state({"working": True}, ON)
    assert (statuses(known), asked(known), known.certain) == ({"grant": "amount_open"}, "wage", 1)
    paid = calculator.state({"working": True, "wage": 123_45}, ON)
    assert (statuses(paid), paid.standings[0].amount_fen, asked(paid)) == ({"grant": "yes"}, 123_45, "")


def test_the_question_that_decides_most_policies_comes_first(tmp_path):
    calculator = inquiry(
        tmp_path,
        policy("first", "member", "working"),
        policy("second", "working"),
        policy("third", "working", "married"),
    )
    assert asked(calculator.state({}, ON)) == "working"


def test_how_common_an_answer_is_turns_the_order(tmp_path):
    """Both questions could decide both policies; the one that hardly anybody answers with no decides few."""
    calculator = inquiry(
        tmp_path, policy("first", "member", "working"), policy("second", "member", "working")
    )
    mostly_members = {"member": [(True, 99), (False, 1)], "working": [(True, 50), (False, 50)]}
    mostly_workers = {"member": [(True, 50), (False, 50)], "working": [(True, 99), (False, 1)]}
    assert asked(calculator.state({}, ON, mostly_members)) == "working"
    assert asked(calculator.state({}, ON, mostly_workers)) == "member"


def test_equals_are_asked_in_a_fixed_order(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "working", "member", "married"))
    assert {asked(calculator.state({}, ON)) for _ in range(5)} == {"married"}


def test_i_do_not_know_is_an_answer_and_is_not_asked_again(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "working", "member"))
    state = calculator.state({"member": UNSURE}, ON)
    assert asked(state) == "working"
    state = calculator.state({"member": UNSURE, "working": True}, ON)
    assert (statuses(state), asked(state)) == ({"grant": "open"}, "")
    assert [item.path for item in state.standings[0].lacking] == ["member"]
    # Another fact may still turn the open answer into a no.
    assert statuses(calculator.state({"member": UNSURE, "working": False}, ON)) == {"grant": "no"}


def test_what_may_be_known_one_day_is_not_taken_for_unknown(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "known(wage)", "working"))
    assert statuses(calculator.state({"working": True}, ON)) == {"grant": "open"}
    assert statuses(calculator.state({"working": True, "wage": 1}, ON)) == {"grant": "yes"}


PARAMETER = {
    "parameters/rate.yaml": "sources:\n  law: {document: 办法, date: 2010-01-01, supports: 标准}\nparameters:\n"
    "  standard:\n    name: 标准\n    type: money\n    values: {2010-01-01: {unset: 没有查到}}\n"
}


def test_where_no_rule_is_on_file_nothing_is_asked(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "working", "member", amount="standard"), PARAMETER)
    state = calculator.state({}, ON)
    assert (statuses(state), asked(state)) == ({"grant": "no_rule"}, "")
    assert [(item.kind, item.path) for item in state.standings[0].lacking] == [("rule", "standard")]


BADGE = policy("skill", "level >= 3", "holder.working", per="per: badge\nrecipient: holder\n")
HAVE_BADGE = "    questions:\n      - {fact: badge, ask: 您有证书吗？, ask_en: Do you hold a badge?}"


def test_of_a_thing_that_policies_are_counted_by_it_is_asked_first_whether_there_is_one(tmp_path):
    calculator = inquiry(tmp_path, BADGE, questions=HAVE_BADGE)
    state = calculator.state({"working": True}, ON)
    assert asked(state) == "badge"
    assert asked(calculator.state({"working": True, "badge": True}, ON)) == "badge.level"
    without = calculator.state({"working": True, "badge": False}, ON)
    assert (statuses(without), without.standings[0].absent, asked(without)) == ({"skill": "no"}, "badge", "")
    # Without a question of its own the fact is asked in the vocabulary's words.
    assert calculator.questions["badge.level"].ask == "几级？"
    # Who does not work fails whatever they hold.
    assert statuses(calculator.state({"working": False}, ON)) == {"skill": "no"}


SITUATION = """    questions:
      - id: situation
        ask: 您的情况？
        ask_en: Your situation?
        options:
          - {id: member, says: 在职会员, says_en: at work and a member, facts: {working: true, member: true}}
          - {id: worker, says: 在职, says_en: at work, facts: {working: true}}
          - {id: idle, says: 不在职, says_en: not at work, facts: {working: false}}
      - id: ticks
        kind: several
        ask: 哪些符合？
        ask_en: Which apply?
        options:
          - {id: married, says: 已婚, says_en: married, facts: {married: true}}
          - {id: member, says: 会员, says_en: member, facts: {member: true}}
    follows:
      - id: idle-no-member
        if: not working
        then: {member: false}
        why: 不在职的不能入会。
        why_en: Only those at work are members.
        cases: [{given: {working: false}, then: {member: false}}]"""


def test_one_natural_question_answers_several_facts_and_what_follows_is_not_asked(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "working", "member", "married"), questions=SITUATION)
    state = calculator.state({"situation": "member"}, ON)
    assert state.known == {"working": True, "member": True}
    assert asked(state) == "ticks"
    idle = calculator.state({"situation": "idle"}, ON)
    assert idle.concluded == (("member", False),)
    # What the chosen answer leaves open is asked by the next question that tells it.
    assert asked(calculator.state({"situation": "worker"}, ON)) == "ticks"


def test_what_is_not_ticked_is_not_so_and_a_later_answer_overrules_an_earlier_one(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "working", "member", "married"), questions=SITUATION)
    state = calculator.state({"situation": "member", "ticks": ("married",)}, ON)
    assert state.known == {"working": True, "member": False, "married": True}
    assert statuses(calculator.state({"ticks": ("married",), "situation": "member"}, ON)) == {"grant": "yes"}


def test_an_inference_never_overrules_what_somebody_said(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "member", "working"), questions=SITUATION)
    state = calculator.state({"ticks": ("member",), "situation": "idle"}, ON)
    assert state.known["member"] is True
    assert state.concluded == ()


def test_answers_are_read_and_what_does_not_fit_is_refused_with_what_to_do(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "working", amount="wage"), questions=SITUATION)
    questions, enums = calculator.questions, calculator.pack.vocabulary.enums
    assert read_answer(questions["wage"], ["1234.50"], enums) == 123_450
    assert read_answer(questions["ticks"], [""], enums) == ()
    assert read_answer(questions["ticks"], ["member", ""], enums) == ("member",)
    assert read_answer(questions["situation"], ["?"], enums) is UNSURE
    for name, texts in (
        ("wage", ["很多"]),
        ("wage", [""]),
        ("wage", []),
        ("situation", ["boss"]),
        ("ticks", ["x"]),
    ):
        with pytest.raises(WrongAnswerError) as wrong:
            read_answer(questions[name], texts, enums)
        assert "不清楚" in wrong.value.zh
        assert "I don't know" in wrong.value.en


def _random_islander(random_: random.Random) -> Row:
    values: dict[str, Any] = {
        "birth_date": date(1950, 1, 1) + timedelta(days=random_.randrange(25_000)),
        "wage": random_.randrange(0, 900_000),
        "exempt": random_.random() < 0.3,
        "joined": 2000 * 12 + random_.randrange(0, 16 * 12 + 6),
        "skill": 100,
    }
    return Row("islander", {name: value for name, value in values.items() if random_.random() < 0.85})


def test_no_interview_contradicts_the_rules_and_what_was_certain_stays_so(tmp_path):
    """Random subjects with holes: certainty only grows, and at the end the answer is that of the rules on what is known."""
    pack = _tithe(tmp_path)
    calculator = Inquiry(pack, pack.audiences["islander"])
    interviewer = Interviewer(calculator, ON)
    random_ = random.Random(20160520)
    seen = set()
    for _ in range(300):
        subject = Subject(_random_islander(random_), {})
        interview = interviewer.interview(subject)
        certain: dict[str, str] = {}
        answers: dict[str, Any] = {}
        for question, answer in interview.answers.items():
            answers[question] = answer
            state = calculator.state(answers, ON)
            now = {standing.policy.id: standing.status for standing in state.standings if standing.certain}
            for policy_id, status in certain.items():
                assert now.get(policy_id) in (status, "yes" if status == "amount_open" else status)
            certain = now
        for standing in interview.state.standings:
            outcome = interviewer.outcome(subject, standing.policy.id)
            said = {"open": "unknown", "amount_open": "unknown"}.get(standing.status, standing.status)
            assert (said, standing.amount_fen) == (outcome.verdict, outcome.amount_fen)
            seen.add(outcome.verdict)
        assert len(interview.answers) <= 4
    assert seen == {"yes", "no", "unknown"}


def test_the_bound_on_the_questions_left_is_kept(tmp_path):
    pack = _tithe(tmp_path)
    calculator = Inquiry(pack, pack.audiences["islander"])
    interviewer = Interviewer(calculator, ON)
    random_ = random.Random(7)
    for _ in range(100):
        interview = interviewer.interview(Subject(_random_islander(random_), {}), together=False)
        answers: dict[str, Any] = {}
        for number, (question, answer) in enumerate(interview.answers.items()):
            assert calculator.state(answers, ON).most_left >= len(interview.answers) - number
            answers[question] = answer


def test_shares_are_counted_among_those_who_know(tmp_path):
    pack = _tithe(tmp_path)
    interviewer = Interviewer(Inquiry(pack, pack.audiences["islander"]), ON)
    rows = [Row("islander", {"exempt": True}), Row("islander", {"exempt": False}), Row("islander", {"exempt": False}), Row("islander")]  # fmt: skip
    shares = interviewer.shares(Subject(row, {}) for row in rows)
    assert shares["exempt"] == ((False, 2), (True, 1))
    assert "wage" not in shares


def test_many_different_values_are_stood_for_by_a_few_of_them(tmp_path):
    pack = _tithe(tmp_path)
    interviewer = Interviewer(Inquiry(pack, pack.audiences["islander"]), ON)
    shares = interviewer.shares(Subject(Row("islander", {"wage": wage}), {}) for wage in range(1200))
    assert [wage for wage, _ in shares["wage"]] == list(range(50, 1200, 100))


def _tithe(tmp_path: Path) -> Pack:
    folder = changed_tithe(tmp_path, Change("questions.yaml", "", "audiences:\n  islander: {}"))
    pack, problems = load_pack(folder)
    assert not problems
    return pack


IDLE = """audiences:
  islander:
    questions:
      - id: skilled
        ask: 您有手艺吗？
        ask_en: Have you a skill?
        options:
          - {id: some, says: 有, says_en: some, facts: {skill: 1.00}}
          - {id: none, says: 没有, says_en: none, facts: {skill: 0.00}}
    follows:
      - id: exempt-unskilled
        if: exempt
        then: {skill: 0.00}
        why: 免税的没有手艺。
        why_en: The exempt have no skill.
        cases: [{given: {exempt: true}, then: {skill: 0}}]
  household: {}"""


def test_questions_and_inferences_that_do_nothing_are_noticed(tmp_path):
    folder = changed_tithe(tmp_path, Change("questions.yaml", "", IDLE))
    notices = rendered(folder, "en", warnings=True)
    assert [line for line in notices.split("\n") if "warning[" in line] == [
        "tithe/questions.yaml:4:9: warning[idle-question] no policy reads anything that 'skilled' tells; remove it.",
        "tithe/questions.yaml:11:9: warning[idle-inference] no policy reads anything that 'exempt-unskilled' concludes; remove it.",
    ]


def test_what_is_declared_as_not_asked_is_left_open_with_its_reason(tmp_path):
    questions = "    not_asked:\n      member: {why: 工会知道, why_en: The union knows.}"
    calculator = inquiry(tmp_path, policy("grant", "working", "member"), questions=questions)
    state = calculator.state({"working": True}, ON)
    assert (statuses(state), asked(state)) == ({"grant": "open"}, "")
    assert state.standings[0].leaves == {"member"}


WANTS = """    questions:
      - id: wants
        kind: several
        ask: 想要什么？
        ask_en: What do you want?
        options:
          - {id: rent, says: 想要房租补助, says_en: help with the rent, facts: {rent: {least: 0.01}}, otherwise: {rent: 0}}
    wishes: [rent]"""


def test_who_wants_nothing_is_refused_nothing_and_told_whether_they_could(tmp_path):
    helped = inquiry(
        tmp_path, policy("help", "married", "not known(rent) or rent > yuan(0)"), questions=WANTS
    )
    nothing = helped.state({"wants": ()}, ON)
    assert statuses(nothing) == {"help": "unwanted"}
    assert not nothing.standings[0].could, "whether they are married was not asked"
    assert nothing.question is None, "nothing more is asked of somebody who wants nothing"
    assert helped.state({"married": True, "wants": ()}, ON).standings[0].could
    assert statuses(helped.state({"married": False, "wants": ()}, ON)) == {"help": "no"}
    assert statuses(helped.state({"married": True, "wants": ("rent",)}, ON)) == {"help": "yes"}


def test_bare_facts_that_are_left_are_asked_on_one_page_and_natural_questions_alone(tmp_path):
    found = inquiry(
        tmp_path, policy("a", "married and working", amount="round_fen(min(wage, rent) * 1)"), questions=WANTS
    )
    first = found.state({}, ON)
    assert first.together[0].id == asked(first)
    assert {question.id for question in first.together} <= {"wants", "married", "working"}
    known = found.state({"married": True, "working": True, "wants": ("rent",)}, ON)
    assert {question.id for question in known.together} == {"wage", "rent"}
    one_page = Interviewer(found, ON).interview(
        Subject(Row("worker", {"married": True, "working": True, "wage": 500_000, "rent": 90_000}), {})
    )
    assert one_page.pages < len(one_page.answers)
    assert statuses(one_page.state) == {"a": "yes"}


def test_a_wish_that_cannot_say_nothing_is_refused_at_its_line(tmp_path):
    files = {"facts.yaml": FACTS.replace("rent: {type: money", "rent: {type: date"), **policy("a", "married")}
    files["questions.yaml"] = "audiences:\n  worker:\n    wishes: [rent, rnet]\n"
    text = rendered(written(tmp_path, files), "en")
    assert "questions.yaml:3:14" in text
    assert "no-wish" in text
    assert "unknown-path" in text
