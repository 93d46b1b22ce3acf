"""Everyone at once: what fits is decided, what does not is refused in words before anything is written."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jiuye.engine.rules.pack import NoSuchPolicyError, Pack, require_pack
from jiuye.engine.rules.sweep import SweepDataError, SweepFailedError, SweepResult, sweep
from tests.engine.rules.workshop import Change, changed_tithe, pack_of

ON = date(2011, 5, 20)
HOUSEHOLDS: dict[str, pa.Array] = {
    "id": pa.array([1, 2, 3], pa.int64()),
    "shore": pa.array(["north", "south", None], pa.string()),
    "hearths": pa.array([2, 3, 1], pa.int64()),
}
ISLANDERS: dict[str, pa.Array] = {
    "id": pa.array([10, 11, 12, 13], pa.int64()),
    "household_id": pa.array([1, 1, 2, None], pa.int64()),
    "birth_date": pa.array(
        [date(1980, 1, 1), date(2000, 1, 1), date(1970, 1, 1), date(1995, 5, 21)], pa.date32()
    ),
    "wage": pa.array([100000, 0, 700000, 700000], pa.int64()),
    "exempt": pa.array([False, False, True, False], pa.bool_()),
    "joined": pa.array([date(2000, 1, 1), date(2000, 1, 1), date(2000, 1, 1), date(2010, 5, 1)], pa.date32()),
    "skill": pa.array([Decimal("0.50")] * 4, pa.decimal128(10, 2)),
}


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> Pack:
    return require_pack(changed_tithe(tmp_path_factory.mktemp("pack")))


def laid(folder: Path, **changes: dict[str, pa.Array] | None) -> Path:
    """The island's two files; `islander={"wage": …}` changes columns, a column that is None is left out."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name, columns in (("household", HOUSEHOLDS), ("islander", ISLANDERS)):
        table = {**columns, **(changes.get(name) or {})}
        pq.write_table(
            pa.table({key: column for key, column in table.items() if column is not None}),
            data / f"{name}.parquet",
        )
    return data


def rows(
    path: Path, columns: str = "subject, verdict, clause_bits, unknown_bits, amount_fen"
) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"SELECT {columns} FROM read_parquet('{path}') ORDER BY subject").fetchall()


ENGINE = ["duckdb"]


@pytest.fixture(autouse=True, params=["duckdb", "compiled"])
def engine(request) -> str:
    """Every situation of this file is met by both embedded engines."""
    ENGINE[0] = request.param
    return request.param


def swept(pack: Pack, folder: Path, **options: Any) -> SweepResult:
    options.setdefault("engine", ENGINE[0])
    return sweep(pack, folder / "data", folder / "out", options.pop("on", ON), **options)


def test_one_file_a_policy_and_a_summary_come_out(pack, tmp_path):
    laid(tmp_path)
    result = swept(pack, tmp_path)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "firewood-gift.parquet", "monthly-tithe.parquet", "sweep.json",
    ]  # fmt: skip
    assert rows(tmp_path / "out" / "monthly-tithe.parquet") == [
        (10, "yes", 0b111, 0, 0),
        (11, "no", 0b101, 0, None),
        (12, "no", 0b110, 0, None),
        (13, "no", 0b101, 0, None),
    ]
    assert rows(tmp_path / "out" / "firewood-gift.parquet") == [
        (1, "yes", 0b11, 0, 2468),
        (2, "no", 0b10, 0, None),
        (3, "no", 0b01, 0, None),
    ]
    assert result.notices == []


def test_the_columns_of_a_result_have_fixed_names_and_types(pack, tmp_path):
    laid(tmp_path)
    swept(pack, tmp_path, receipts=True)
    schema = pq.read_schema(tmp_path / "out" / "firewood-gift.parquet")
    assert [(field.name, str(field.type)) for field in schema] == [
        ("subject", "int64"), ("recipient", "int64"), ("verdict", "string"), ("clause_bits", "int64"),
        ("unknown_bits", "int64"), ("amount_fen", "int64"), ("facts", "string"),
    ]  # fmt: skip


def test_the_summary_holds_the_day_the_versions_and_the_totals(pack, tmp_path):
    laid(tmp_path)
    result = swept(pack, tmp_path)
    summary = json.loads((tmp_path / "out" / "sweep.json").read_text(encoding="utf-8"))
    assert summary == {
        "on": "2011-05-20",
        "pack_version": pack.version,
        "policies": {
            policy.id: {"version": policy.version, **result.totals[policy.id]}
            for policy in pack.policies.values()
        },
    }
    assert result.totals["firewood-gift"] == {
        "subjects": 3,
        "yes": 1,
        "no": 2,
        "unknown": 0,
        "amount_fen": 2468,
    }


def test_a_receipt_of_a_sweep_holds_the_facts_of_all_but_plain_noes(pack, tmp_path):
    laid(tmp_path)
    swept(pack, tmp_path, receipts=True)
    found = rows(tmp_path / "out" / "monthly-tithe.parquet", "subject, facts")
    first = json.loads(found[0][1])
    assert (first["age"], first["birth_date"], first["exempt"], first["wage"]) == (
        31,
        "1980-01-01",
        False,
        100000,
    )
    assert [facts is None for _, facts in found] == [False, False, False, False], "near misses keep theirs"
    poor = rows(tmp_path / "out" / "firewood-gift.parquet", "subject, facts")
    assert json.loads(poor[0][1])["income"] == 100000


def test_only_the_policies_that_were_asked_for_are_decided(pack, tmp_path):
    laid(tmp_path)
    heard: list[str] = []
    result = swept(pack, tmp_path, policies=["firewood-gift"], progress=heard.append)
    assert list(result.totals) == heard == ["firewood-gift"]
    assert not (tmp_path / "out" / "monthly-tithe.parquet").exists()


def test_a_policy_that_does_not_exist_is_refused_by_name(pack, tmp_path):
    laid(tmp_path)
    with pytest.raises(NoSuchPolicyError, match="firewood-gift"):
        swept(pack, tmp_path, policies=["firewod-gift"])
    assert not (tmp_path / "out").exists()


def test_out_of_force_everybody_is_a_no_without_a_bit(pack, tmp_path):
    laid(tmp_path)
    swept(pack, tmp_path, on=date(2021, 1, 1))
    assert rows(tmp_path / "out" / "firewood-gift.parquet") == [
        (number, "no", 0, 0, None) for number in (1, 2, 3)
    ]


def test_who_is_counted_and_who_receives_may_differ(tmp_path):
    change = Change("policies/monthly-tithe.yaml", "for: islander", "for: household\nper: islander")
    pack = require_pack(changed_tithe(tmp_path, change))
    laid(tmp_path)
    swept(pack, tmp_path, policies=["monthly-tithe"])
    assert rows(tmp_path / "out" / "monthly-tithe.parquet", "subject, recipient") == [
        (10, 1),
        (11, 1),
        (12, 2),
        (13, None),
    ]


# --- what is absent


def test_the_file_of_those_who_are_counted_must_be_there(pack, tmp_path):
    laid(tmp_path)
    (tmp_path / "data" / "household.parquet").unlink()
    with pytest.raises(SweepDataError) as caught:
        swept(pack, tmp_path)
    assert (
        caught.value.zh
        == "缺少文件 household.parquet：政策“firewood-gift”按“household”计算。请放进数据文件夹。"
    )
    assert "household.parquet is missing" in caught.value.en
    assert not list((tmp_path / "out").iterdir())


def test_without_the_file_of_those_they_are_related_to_everybody_is_unknown_and_it_is_said(pack, tmp_path):
    laid(tmp_path)
    (tmp_path / "data" / "islander.parquet").unlink()
    result = swept(pack, tmp_path, policies=["firewood-gift"])
    assert rows(tmp_path / "out" / "firewood-gift.parquet") == [
        (number, "unknown", 0, 0b11, None) for number in (1, 2, 3)
    ]
    assert result.notices == [
        (
            "没有 islander.parquet：与“岛民”有关的信息一律按未知处理。",
            "no islander.parquet: what depends on 'islander' is unknown for everyone.",
        )
    ]


def test_a_missing_column_is_unknown_for_everyone_and_it_is_said(pack, tmp_path):
    laid(tmp_path, islander={"wage": None})
    result = swept(pack, tmp_path, policies=["firewood-gift"])
    assert [row[3] & 1 for row in rows(tmp_path / "out" / "firewood-gift.parquet")] == [1, 1, 0], (
        "an empty list sums to nothing"
    )
    assert [en for _, en in result.notices] == [
        "islander.parquet has no column 'wage': it is unknown for everyone."
    ]


def test_without_the_column_that_says_whose_they_are_nobody_counts_as_alone(pack, tmp_path):
    """Lists that nobody gave are unknown; they were once taken for empty ones, and every household for childless."""
    laid(tmp_path, islander={"household_id": None})
    result = swept(pack, tmp_path, policies=["firewood-gift"])
    assert [row[1:4] for row in rows(tmp_path / "out" / "firewood-gift.parquet")] == [
        ("unknown", 0, 0b11)
    ] * 3
    assert [en for _, en in result.notices] == [
        "islander.parquet has no column 'household_id': who belongs to whom is unknown for everyone."
    ]


def test_without_the_column_of_the_recipient_there_is_none(tmp_path):
    change = Change("policies/monthly-tithe.yaml", "for: islander", "for: household\nper: islander")
    pack = require_pack(changed_tithe(tmp_path, change))
    laid(tmp_path, islander={"household_id": None, "id": pa.array(list("abcd"))})
    swept(pack, tmp_path, policies=["monthly-tithe"])
    assert rows(tmp_path / "out" / "monthly-tithe.parquet", "subject, recipient") == [
        (key, None) for key in "abcd"
    ]


def test_a_column_that_the_vocabulary_does_not_know_is_noticed_with_the_nearest_name(pack, tmp_path):
    laid(tmp_path, islander={"birthdate": ISLANDERS["birth_date"]})
    result = swept(pack, tmp_path)
    assert result.notices == [
        (
            "islander.parquet 的列“birthdate”不在词汇里，未使用。是否想写“birth_date”？",
            "islander.parquet: column 'birthdate' is not in the vocabulary and was not used; did you mean 'birth_date'?",
        )
    ]


def test_a_column_that_is_empty_for_everyone_needs_no_type(pack, tmp_path):
    laid(tmp_path, islander={"exempt": pa.nulls(4), "wage": pa.nulls(4)})
    swept(pack, tmp_path, policies=["monthly-tithe"])
    assert [row[1] for row in rows(tmp_path / "out" / "monthly-tithe.parquet")] == [
        "unknown",
        "no",
        "unknown",
        "no",
    ]


def test_a_derived_fact_that_comes_with_the_data_wins_and_its_holes_are_computed(pack, tmp_path):
    laid(tmp_path, islander={"age": pa.array([15, None, None, 99], pa.int32())})
    swept(pack, tmp_path, policies=["monthly-tithe"])
    grown = [row[2] >> 1 & 1 for row in rows(tmp_path / "out" / "monthly-tithe.parquet")]
    assert grown == [0, 0, 1, 1]


# --- what does not fit


@pytest.mark.parametrize(
    ("entity", "column", "values", "sentence"),
    [
        ("islander", "wage", pa.array([1.0, 2.0, 3.0, 4.0]), "column 'wage' is DOUBLE, but must be INT64"),
        ("islander", "wage", pa.array([Decimal("1.00")] * 4), "column 'wage' is DECIMAL(3,2), but must be INT64"),
        ("islander", "exempt", pa.array([0, 1, 0, 1]), "column 'exempt' is BIGINT, but must be BOOLEAN"),
        ("islander", "birth_date", pa.array(["1980-01-01"] * 4), "column 'birth_date' is VARCHAR, but must be DATE"),
        ("islander", "birth_date", pa.array([0, 1, 2, 3], pa.timestamp("us")), "column 'birth_date' is TIMESTAMP, but must be DATE"),
        ("islander", "joined", pa.array([2000, 2000, 2000, 2000]), "column 'joined' is BIGINT, but must be DATE"),
        ("islander", "skill", pa.array([0.5, 0.5, 0.5, 0.5]), "column 'skill' is DOUBLE, but must be DECIMAL"),
        ("household", "shore", pa.array([1, 2, 3]), "column 'shore' is BIGINT, but must be STRING"),
        ("household", "shore", pa.array(["north", "nort", "west"]), "column 'shore' has 2 row(s) that are no member of 'shore', such as 'nort'; did you mean 'north'?"),
        ("household", "hearths", pa.array([1.0, 2.0, 3.0]), "column 'hearths' is DOUBLE, but must be INT64"),
        ("household", "id", None, "has no column 'id'"),
        ("household", "id", pa.array([1, 1, 2]), "1 row(s) have an id that is empty or stands twice"),
        ("household", "id", pa.array([1, None, 2]), "1 row(s) have an id that is empty or stands twice"),
        ("islander", "household_id", pa.array(["1", "1", "2", None]), "'household_id' is VARCHAR, while the ids of household.parquet are BIGINT"),
        ("islander", "wage", pa.array([10**16, 1, -(10**16), None]), "'wage' has 2 row(s) with a value that is too large, such as -10000000000000000"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_file_and_column_and_nothing_is_written(
    pack, tmp_path, entity, column, values, sentence
):
    laid(tmp_path, **{entity: {column: values}})
    with pytest.raises(SweepDataError) as caught:
        swept(pack, tmp_path)
    assert sentence in caught.value.en
    assert f"{entity}.parquet" in caught.value.en
    assert f"{entity}.parquet" in caught.value.zh
    assert not list((tmp_path / "out").iterdir())


def test_a_file_that_is_no_parquet_is_refused(pack, tmp_path):
    laid(tmp_path)
    (tmp_path / "data" / "islander.parquet").write_text("id,wage\n1,2\n", encoding="utf-8")
    with pytest.raises(SweepDataError, match="不是可读的 Parquet"):
        swept(pack, tmp_path)


def test_decimals_that_would_have_to_be_rounded_are_refused(tmp_path):
    change = Change("policies/monthly-tithe.yaml", "    test: age >= 16", "    test: skill >= 0.5")
    pack = require_pack(changed_tithe(tmp_path, change))
    laid(tmp_path, islander={"skill": pa.array([Decimal("1.505")] * 3 + [None])})
    with pytest.raises(SweepDataError) as caught:
        swept(pack, tmp_path)
    assert (
        "'skill' has 3 row(s) with a value with more than 2 decimals, or too large, such as 1.505"
        in caught.value.en
    )


def test_decimals_that_are_zeros_are_no_decimals(tmp_path):
    change = Change("policies/monthly-tithe.yaml", "    test: age >= 16", "    test: skill >= 0.5")
    pack = require_pack(changed_tithe(tmp_path, change))
    laid(
        tmp_path,
        islander={
            "skill": pa.array([Decimal(text) for text in ("0.5000", "0.4900", "123456.7800", "-0.5000")])
        },
    )
    swept(pack, tmp_path, policies=["monthly-tithe"])
    assert [row[2] >> 1 & 1 for row in rows(tmp_path / "out" / "monthly-tithe.parquet")] == [1, 0, 1, 0]


def test_a_ratio_may_come_as_small_whole_numbers_without_overflowing(tmp_path):
    """300,000 as a 32-bit number times a hundred does not fit 32 bits."""
    change = Change("policies/monthly-tithe.yaml", "    test: age >= 16", "    test: skill >= 30000000")
    pack = require_pack(changed_tithe(tmp_path, change))
    laid(tmp_path, islander={"skill": pa.array([30_000_000, 1, 0, -1], pa.int32())})
    swept(pack, tmp_path, policies=["monthly-tithe"])
    assert [row[2] >> 1 & 1 for row in rows(tmp_path / "out" / "monthly-tithe.parquet")] == [1, 0, 0, 0]


def test_a_ratio_of_nine_decimals_may_be_one_and_more(engine, tmp_path):
    pack = pack_of(
        tmp_path,
        {
            "facts.yaml": "entities: {boat: {name: 船, facts: {price: {type: money, name: 价}, share: {type: ratio, decimals: 9, name: 份}}}}\n",
            "policies/look.yaml": (
                "id: look\nname: 看\nname_en: look\nfor: boat\nin_force: {from: 2000-01-01}\nconditions:\n"
                "  - {id: owned, law: 有, says: 有, test: share > 0}\namount: round_fen(price * share)\ncases:\n"
                "  - {name: 有份, on: 2005-01-01, facts: {price: 1, share: 1}, expect: {verdict: yes, amount: 0.01}}\n"
            ),
        },
    )
    (tmp_path / "data").mkdir()
    shares = [Decimal(text).quantize(Decimal("1e-9")) for text in ("1", "999.999999999", "0.5")]
    table = {"id": [1, 2, 3], "price": [100, 10**12, 1], "share": pa.array(shares, pa.decimal128(18, 9))}
    pq.write_table(pa.table(table), tmp_path / "data" / "boat.parquet")
    sweep(pack, tmp_path / "data", tmp_path / "out", date(2005, 1, 1), engine=engine)
    found = rows(tmp_path / "out" / "look.parquet", "subject, amount_fen")
    assert found == [(1, 100), (2, 999_999_999_999_000), (3, 1)]


def test_values_outside_their_range_are_noticed_and_counted_but_stop_nobody(pack, tmp_path):
    laid(tmp_path, household={"hearths": pa.array([2, 21, -1])})
    result = swept(pack, tmp_path)
    assert [en for _, en in result.notices] == [
        "household.parquet: column 'hearths' has 2 row(s) outside the range of its fact; check them."
    ]
    assert result.totals["firewood-gift"]["yes"] == 1


def test_a_column_that_nobody_reads_is_held_to_its_type_alone(pack, tmp_path):
    laid(tmp_path, islander={"skill": pa.array([Decimal("0.505")] * 4)})
    assert swept(pack, tmp_path).notices == []


# --- all or nothing


def test_a_sweep_that_fails_leaves_the_former_one_untouched(pack, tmp_path):
    laid(tmp_path)
    swept(pack, tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    laid(tmp_path, household={"shore": pa.array(["east"] * 3)})
    with pytest.raises(SweepDataError):
        swept(pack, tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_sweep_broken_off_between_policies_leaves_nothing_behind(pack, tmp_path):
    laid(tmp_path)

    def stop(policy_id: str) -> None:
        if policy_id == "monthly-tithe":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        swept(pack, tmp_path, progress=stop)
    assert not list((tmp_path / "out").iterdir())


def test_a_folder_that_cannot_be_written_is_one_sentence(pack, tmp_path):
    laid(tmp_path)
    (tmp_path / "out").write_text("a file stands here", encoding="utf-8")
    with pytest.raises(SweepFailedError, match="请检查路径、权限和磁盘空间"):
        swept(pack, tmp_path)


def test_a_memory_limit_that_is_none_is_one_sentence(pack, tmp_path):
    laid(tmp_path)
    with pytest.raises(SweepFailedError) as caught:
        swept(pack, tmp_path, memory_limit="much")
    assert caught.value.en == "'much' is no memory limit; write it like 2GB or 500MB."


def test_memory_that_does_not_suffice_is_one_sentence(pack, tmp_path):
    many(tmp_path, 200_000)
    with pytest.raises(SweepFailedError) as caught:
        swept(pack, tmp_path, memory_limit="2MB")
    assert "memory limit of 2MB is too small" in caught.value.en


def many(folder: Path, size: int) -> None:
    """An island of `size` households with a member each, made by DuckDB."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    duckdb.execute(
        f"COPY (SELECT range AS id, CASE range % 3 WHEN 0 THEN 'north' WHEN 1 THEN 'south' END AS shore, range % 20 AS hearths "
        f"FROM range({size})) TO '{data}/household.parquet' (FORMAT parquet)"
    )
    duckdb.execute(
        f"COPY (SELECT range AS id, range AS household_id, DATE '1950-01-01' + CAST(range % 25000 AS INTEGER) AS birth_date, "
        f"(range * 37) % 900000 AS wage, range % 2 = 0 AS exempt, DATE '2000-01-01' AS joined FROM range({size})) "
        f"TO '{data}/islander.parquet' (FORMAT parquet)"
    )


def test_three_hundred_thousand_rows_are_swept_within_two_hundred_megabytes(pack, tmp_path):
    many(tmp_path, 300_000)
    result = swept(pack, tmp_path, memory_limit="200MB")
    assert [totals["subjects"] for totals in result.totals.values()] == [300_000, 300_000]
    assert result.totals["firewood-gift"]["unknown"] > 0
    assert sum(result.totals["firewood-gift"][word] for word in ("yes", "no", "unknown")) == 300_000


def test_amounts_beyond_all_measure_are_one_sentence_and_not_a_wrong_number(tmp_path):
    facts = "entities: {boat: {name: 船, facts: {sails: {type: integer, name: 帆}, price: {type: money, name: 价}}}}\n"
    policy = (
        "id: look\nname: 看\nname_en: look\nfor: boat\nin_force: {from: 2000-01-01}\nconditions:\n"
        "  - {id: sails, law: 有帆, says: 有帆, test: sails >= 1}\namount: round_fen(price * sails)\ncases:\n"
        "  - {name: 有帆, on: 2005-01-01, facts: {sails: 1, price: 1}, expect: {verdict: yes}}\n"
    )
    pack = pack_of(tmp_path, {"facts.yaml": facts, "policies/look.yaml": policy})
    (tmp_path / "data").mkdir()
    table = pa.table({"id": pa.array([1]), "sails": pa.array([10**15]), "price": pa.array([10**15])})
    pq.write_table(table, tmp_path / "data" / "boat.parquet")
    with pytest.raises(SweepFailedError, match="计算没有完成"):
        swept(pack, tmp_path)
