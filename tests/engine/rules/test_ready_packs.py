"""A pack kept on disk stands for the very same texts alone, decides as the loaded one does, and is never needed."""

from __future__ import annotations

import os
import pickle
from datetime import date
from pathlib import Path

import pytest

from jiuye.engine.basis.kept import restored
from jiuye.engine.rules import ready
from jiuye.engine.rules.cases import run_cases
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.explain import Explainer
from jiuye.engine.rules.pack import load_pack
from jiuye.engine.rules.ready import ready_pack
from tests.engine.rules.populations import Population
from tests.engine.rules.workshop import TITHE, Change, changed_tithe

GIFT = "policies/firewood-gift.yaml"
ON = date(2024, 6, 15)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("JIUYE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "packs"


@pytest.fixture
def loads(monkeypatch) -> list[Path]:
    """The folders that were read and checked, since nothing kept stood for them."""
    seen = []

    def load(folder, *rest):
        seen.append(folder)
        return load_pack(folder, *rest)

    monkeypatch.setattr(ready, "load_pack", load)
    return seen


def kept(cache: Path) -> Path:
    (only,) = cache.glob("*.pack")
    return only


def test_the_second_time_nothing_is_read_again(loads):
    ready_pack(TITHE)
    ready_pack(TITHE)
    assert loads == [TITHE]


def test_a_kept_city_s_pack_explains_and_answers_its_cases_word_for_word(pack_dir, loads):
    loaded, said = load_pack(pack_dir)
    ready_pack(pack_dir)
    pack, problems = ready_pack(pack_dir)
    assert loads == [pack_dir]
    assert (pack.version, pack.folder, pack.texts) == (loaded.version, loaded.folder, loaded.texts)
    assert repr(pack.audiences) == repr(loaded.audiences)  # spans answer a comparison with "cannot tell"
    assert [problem.render() for problem in problems] == [problem.render() for problem in said]
    rows = Population(loaded, ON, 20, seed=7).rows
    explainers = Explainer(Decider(loaded)), Explainer(Decider(pack))
    for policy_id, policy in loaded.policies.items():
        for row in rows[policy.entity]:
            first = explainers[0].explain(policy, row, ON).as_dict()
            assert first == explainers[1].explain(pack.policies[policy_id], row, ON).as_dict()
    assert run_cases(pack) == run_cases(loaded)


@pytest.mark.parametrize(
    "change",
    [
        Change(GIFT, "income < yuan(2000)", "income < yuan(2500)"),
        Change("policies/kindling.yml", "", "id: kindling"),
        Change("questions.yaml", "", "audiences: {}"),
    ],
    ids=["another number", "a file that is not read", "questions beside the rules"],
)
def test_a_changed_folder_is_read_again(tmp_path, loads, change):
    folder = changed_tithe(tmp_path)
    ready_pack(folder)
    change.apply(folder)
    pack, problems = ready_pack(folder)
    fresh, said = load_pack(folder)
    assert loads == [folder, folder]
    assert pack.version == fresh.version
    assert [problem.render() for problem in problems] == [problem.render() for problem in said]


def test_a_draft_laid_over_the_folder_is_a_pack_of_its_own(loads):
    draft = (TITHE / GIFT).read_text(encoding="utf-8").replace("yuan(2000)", "yuan(2500)")
    for _ in range(2):
        plain, _ = ready_pack(TITHE)
        laid, _ = ready_pack(TITHE, {GIFT: draft})
        assert laid.texts[GIFT] == draft
        assert laid.version == load_pack(TITHE, {GIFT: draft})[0].version != plain.version
    assert loads == [TITHE, TITHE]


def test_a_pack_made_by_another_engine_is_not_used(loads, monkeypatch):
    ready_pack(TITHE)
    monkeypatch.setattr(ready, "_STAMP", b"another source")
    ready_pack(TITHE)
    assert loads == [TITHE, TITHE]


@pytest.mark.parametrize("damage", ["cut short", "one bit", "empty", "foreign"])
def test_a_damaged_file_is_ignored_and_written_anew(cache, loads, damage):
    ready_pack(TITHE)
    path = kept(cache)
    whole = path.read_bytes()
    broken = {
        "cut short": whole[:-100],
        "one bit": whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
        "empty": b"",
        "foreign": whole[:32] + b"\0" * 32 + pickle.dumps("no pack"),
    }[damage]
    path.write_bytes(broken)
    pack, _ = ready_pack(TITHE)
    assert pack.version == load_pack(TITHE)[0].version
    assert path.read_bytes()[:32] == whole[:32]
    assert len(path.read_bytes()) == len(whole)
    ready_pack(TITHE)
    assert loads == [TITHE, TITHE]


def test_it_is_readable_by_its_owner_alone(cache):
    ready_pack(TITHE)
    assert kept(cache).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_may_write_is_refused(cache, loads, mode):
    ready_pack(TITHE)
    kept(cache).chmod(mode)
    ready_pack(TITHE)
    assert loads == [TITHE, TITHE]
    assert kept(cache).stat().st_mode & 0o777 == 0o600


def test_a_file_of_another_user_is_refused(cache, loads, monkeypatch):
    ready_pack(TITHE)
    monkeypatch.setattr(os, "geteuid", lambda: kept(cache).stat().st_uid + 1)
    ready_pack(TITHE)
    assert loads == [TITHE, TITHE]


def test_a_link_to_a_file_is_refused(cache, loads, tmp_path):
    ready_pack(TITHE)
    path = kept(cache)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    ready_pack(TITHE)
    assert loads == [TITHE, TITHE]
    assert not path.is_symlink()


def test_where_nothing_can_be_kept_the_pack_is_loaded(tmp_path, monkeypatch, loads):
    (tmp_path / "a file").write_text("in the way")
    monkeypatch.setenv("JIUYE_CACHE", str(tmp_path / "a file"))
    pack, problems = ready_pack(TITHE)
    assert pack.policies
    assert not problems.errors
    ready_pack(TITHE)
    assert loads == [TITHE, TITHE]


def test_a_pack_with_mistakes_is_never_kept(tmp_path, cache):
    folder = changed_tithe(tmp_path, Change(GIFT, "children >= 1", "childern >= 1"))
    for _ in range(2):
        _, problems = ready_pack(folder)
        assert [problem.code for problem in problems.errors] == [
            problem.code for problem in load_pack(folder)[1].errors
        ]
    assert not list(cache.glob("*.pack"))


def test_a_file_that_cannot_be_read_is_said_as_without_a_cache(tmp_path):
    folder = changed_tithe(tmp_path)
    (folder / GIFT).write_bytes(b"id: \xff\xfe")
    assert [problem.render() for problem in ready_pack(folder)[1]] == [
        problem.render() for problem in load_pack(folder)[1]
    ]
    assert ready_pack(tmp_path / "nowhere")[1].errors


def test_only_a_few_packs_stay(tmp_path, cache):
    text = (TITHE / GIFT).read_text(encoding="utf-8")
    for number in range(ready.LATEST_KEPT + 3):
        ready_pack(TITHE, {GIFT: text + f"# {number}\n"})
    assert len(list(cache.glob("*.pack"))) == ready.LATEST_KEPT


def test_what_is_no_record_of_the_engine_is_not_restored():
    with pytest.raises(pickle.UnpicklingError, match=r"os|posix"):
        restored(pickle.dumps(os.getcwd))
