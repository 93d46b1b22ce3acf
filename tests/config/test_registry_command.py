"""`jiuye registry`: a list goes in from the command line, and every refusal is one sentence."""

from __future__ import annotations

import stat

import pytest

from jiuye.config.cli import main
from jiuye.office.registry.models import Division, ImportBatch, Person
from jiuye.office.staff.models import Account
from tests.office.registry.conftest import DIVISIONS, TODAY, officer
from tests.office.registry.importing.situations import row, table


@pytest.fixture
def city(db, monkeypatch, settings, tmp_path):
    monkeypatch.setattr("jiuye.config.django_setup.setup_django", lambda: None)
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.OFFICE_DATE = TODAY.isoformat()
    for code, name, kind, parent in DIVISIONS:
        Division.objects.create(code=code, name=name, kind=kind, parent_id=parent)
    officer("caseworker", "321002001", "街道经办")
    officer("caseworker", "3210", "市级经办")


@pytest.fixture
def write(tmp_path):
    def written(*rows, name="名单.csv"):
        path = tmp_path / name
        path.write_bytes(table(*rows))
        return str(path)

    return written


def test_a_list_is_previewed_and_written_with_yes(city, write, capsys):
    assert (
        main(["registry", "import", write(row(), row(sequence=125, 手机号="1")), "--yes", "--source", "摸排"])
        == 0
    )
    said = capsys.readouterr()
    assert "通过 1，退回 1" in said.out
    assert "第 3 行 手机号" in said.out
    assert "jiuye registry undo" in said.out
    assert "以市级经办的身份" in said.err
    assert Person.objects.get().source == "摸排"


def test_without_yes_and_without_a_terminal_nothing_is_written(city, write, capsys):
    assert main(["registry", "import", write(row())]) == 0
    assert "什么都没有写入" in capsys.readouterr().out
    assert not Person.objects.exists()
    assert ImportBatch.objects.get().state == "discarded"


def test_the_rejected_rows_are_written_for_their_owner_only(city, write, tmp_path):
    out = tmp_path / "退回.xlsx"
    assert main(["registry", "import", write(row(手机号="1")), "--yes", "--rejected", str(out)]) == 1
    assert out.read_bytes().startswith(b"PK")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_batch_is_listed_and_undone(city, write, capsys):
    main(["registry", "import", write(row()), "--yes"])
    number = str(ImportBatch.objects.get().pk)
    assert main(["registry", "list"]) == 0
    assert "已入库" in capsys.readouterr().out
    assert main(["registry", "undo", number]) == 0
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["import", "nowhere.csv"], "文件读写失败"),
        (["import", "{list}", "--as", "nobody"], "没有登录名为“nobody”"),
        (["undo", "999999"], "没有您的批次 999999"),
        (["import", "{broken}"], "却不是工作簿"),
    ],
)
def test_every_refusal_is_one_sentence_and_exit_code_one(city, write, capsys, tmp_path, arguments, sentence):
    broken = tmp_path / "broken.xlsx"
    broken.write_text("text")
    filled = [text.format(list=write(row()), broken=broken) for text in arguments]
    assert main(["registry", *filled]) == 1
    assert sentence in capsys.readouterr().err


def test_outside_the_demonstration_an_account_must_be_named(city, write, capsys, settings):
    settings.DEMO = False
    assert main(["registry", "import", write(row())]) == 1
    assert "--as" in capsys.readouterr().err
    username = Account.objects.get(display_name="街道经办").username
    assert main(["registry", "import", write(row()), "--as", username, "--yes"]) == 0
