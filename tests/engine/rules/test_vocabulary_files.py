"""A vocabulary in several files: facts.yaml, and what each file under facts/ adds to it."""

from __future__ import annotations

from datetime import date

from jiuye.engine.rules.holders import in_english
from jiuye.engine.rules.pack import load_pack, require_pack
from tests.engine.rules.workshop import Change, changed_tithe

HARBOUR = """
enums:
  berth: {deep: 深水, shallow: 浅水}
entities:
  islander:
    facts:
      moored: {type: enum, enum: berth, name: 泊位, register: 港务, ask: 您的船停在哪里？, ask_en: Where is your boat?}
    relations:
      harbour: {to: harbour, name: 港}
  harbour:
    name: 港
    facts:
      fee: {type: money, name: 港费}
"""
MOORING = """
id: mooring
name: 泊位费
name_en: mooring
summary: 停深水的付港费。
summary_en: Deep berths pay.
for: islander
period: month
in_force: {from: 2010-01-01}
sources: {law: {document: 港律, clause: "1"}}
conditions:
  - {id: deep, law: 停深水, says: 停深水, says_en: deep, test: moored == deep}
amount: harbour.fee
amount_law: 港费
cases:
  - {name: 深水, on: 2011-01-01, facts: {moored: deep, harbour: {fee: 3}}, expect: {verdict: yes, amount: 3}}
  - {name: 浅水, on: 2011-01-01, facts: {moored: shallow}, expect: {verdict: no, clauses: {deep: no}}}
  - {name: 不知, on: 2011-01-01, facts: {}, expect: {verdict: unknown, missing: [moored]}}
"""


def test_a_file_under_facts_gives_an_entity_more_facts_and_brings_its_own(tmp_path):
    folder = changed_tithe(
        tmp_path, Change("facts/harbour.yaml", "", HARBOUR), Change("policies/mooring.yaml", "", MOORING)
    )
    pack = require_pack(folder)
    assert pack.vocabulary.entities["islander"].facts["moored"].type.enum == "berth"
    assert pack.policies["mooring"].dependencies == {
        "facts.yaml",
        "facts/harbour.yaml",
        "policies/mooring.yaml",
    }
    assert date(2010, 1, 1) in pack.policies["mooring"].in_force


def test_only_the_policies_that_read_from_a_file_change_their_version_with_it(tmp_path):
    files = (Change("facts/harbour.yaml", "", HARBOUR), Change("policies/mooring.yaml", "", MOORING))
    before = require_pack(changed_tithe(tmp_path / "before", *files))
    after = require_pack(
        changed_tithe(tmp_path / "after", *files, Change("facts/harbour.yaml", "港务", "海事"))
    )
    assert before.policies["mooring"].version != after.policies["mooring"].version
    assert before.policies["monthly-tithe"].version == after.policies["monthly-tithe"].version


def test_what_an_earlier_file_describes_already_is_refused_at_its_second_place(tmp_path):
    again = """
enums:
  shore: {east: 东}
entities:
  islander:
    name: 岛民
    facts:
      exempt: {type: boolean, name: 免税}
    relations:
      household: {to: household, name: 户}
"""
    _, problems = load_pack(changed_tithe(tmp_path, Change("facts/again.yaml", "", again)))
    shown = [(problem.code, problem.place.line, problem.en) for problem in problems.errors]
    assert shown == [
        (
            "duplicate-name",
            3,
            "the enum 'shore' already stands in an earlier file; choose another name, or add to it there.",
        ),
        (
            "duplicate-name",
            6,
            "'islander' is named in an earlier file; write only the facts and relations that are new.",
        ),
        (
            "duplicate-name",
            8,
            "'islander.exempt' already stands in tithe/facts.yaml; choose another name, or change it there.",
        ),
        (
            "duplicate-name",
            10,
            "'islander.household' already stands in tithe/facts.yaml; choose another name, or change it there.",
        ),
    ]


HOLDERS = "holders: {岛务处: island office, 岛志: annals of the island, 账房: counting house}\nentities:\n"


def with_holders(tmp_path, *changes: Change):
    return changed_tithe(tmp_path, Change("facts.yaml", "entities:\n", HOLDERS), *changes)


def test_a_pack_that_names_its_holders_in_english_names_each_of_them(tmp_path):
    pack, problems = load_pack(with_holders(tmp_path))
    assert problems.errors == []
    assert pack.vocabulary.holders["账房"] == "counting house"


def test_a_new_holder_without_an_english_name_is_refused_with_the_nearest_one(tmp_path):
    _, problems = load_pack(
        with_holders(
            tmp_path, Change("facts.yaml", "register: 岛务处, ask: 您家在", "register: 岛务局, ask: 您家在")
        )
    )
    (problem,) = [one for one in problems.errors if one.code == "no-english-name"]
    assert "“岛务局”没有英文名" in problem.zh
    assert "岛务处" in problem.zh
    assert problem.place.line > 1


def test_a_chinese_word_is_no_english_name_of_a_holder(tmp_path):
    _, problems = load_pack(with_holders(tmp_path, Change("facts.yaml", "annals of the island", "岛的年志")))
    assert [one.code for one in problems.errors] == ["no-english-name"]


def test_a_holder_that_holds_nothing_is_refused(tmp_path):
    _, problems = load_pack(
        with_holders(tmp_path, Change("facts.yaml", "{岛务处:", "{海务处: sea office, 岛务处:"))
    )
    assert [one.code for one in problems.errors] == ["holds-nothing"]


def test_a_text_of_several_holders_is_said_in_english_one_by_one():
    held = {"甲处": "office A", "甲处、乙处": "offices A and B", "丙处": "office C"}
    assert in_english("甲处、丙处", held) == "office A, office C"
    assert in_english("甲处、乙处", held) == "offices A and B"
    assert in_english("丙处、从前的处", held) == "office C, 从前的处"
