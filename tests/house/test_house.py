"""The house tests itself: templates, documents, clocks, sizes, paths."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON_FILES = sorted(path for path in (ROOT / "jiuye").rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted((ROOT / "jiuye").rglob("templates/**/*.html"))

# Longer than one sitting, each for a reason.
LONG_FILES: dict[str, str] = {}
LONGEST_FILE = 450
LONGEST_FUNCTION = 75
# The only places that may ask the clock; everyone else is handed the day.
# The pretend provider of identities stands for a machine of its own, with a clock of its own.
CLOCKS = {"jiuye/portals/common/actors.py", "jiuye/exchange/sign_on/pretend.py"}


def name_of(template: Path) -> str:
    """The name Django loads a template by."""
    parts = template.parts
    return "/".join(parts[len(parts) - parts[::-1].index("templates") :])


def test_every_template_is_used() -> None:
    texts = [path.read_text(encoding="utf-8") for path in [*PYTHON_FILES, *TEMPLATES]]
    everything = "\n".join(texts)
    unused = []
    for template in TEMPLATES:
        name = name_of(template)
        folder, _, file = name.rpartition("/")
        # Components are named by their folder constant and file.
        if f'"{name}"' not in everything and f"'{name}'" not in everything and f"/{file}" not in everything:
            unused.append(name)
        assert folder
    # Django looks for these by name when an error has no page of its own.
    assert [name for name in unused if name not in ("400.html", "403.html", "404.html", "500.html")] == []


def test_no_template_holds_scripts_styles_or_handlers_of_its_own() -> None:
    """The content security policy would refuse them in silence."""
    forbidden = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son[a-z]+=|javascript:")
    found = [
        (name_of(template), match.group(0))
        for template in TEMPLATES
        for match in forbidden.finditer(template.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_nobody_but_the_frame_and_the_command_line_asks_the_clock() -> None:
    asking = re.compile(r"\b(date\.today|datetime\.now|datetime\.utcnow|timezone\.now|time\.time)\(")
    found = []
    for path in PYTHON_FILES:
        name = str(path.relative_to(ROOT))
        if name.startswith(("jiuye/config/", "jiuye/city/")) or name in CLOCKS:
            continue
        found += [(name, match.group(0)) for match in asking.finditer(path.read_text(encoding="utf-8"))]
    assert found == []


def test_a_person_can_read_every_file_in_one_sitting() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in PYTHON_FILES
    }
    assert {
        name: count for name, count in lengths.items() if count > LONGEST_FILE and name not in LONG_FILES
    } == {}


def test_a_function_is_about_a_screen() -> None:
    long = []
    for path in PYTHON_FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or node.lineno) - node.lineno
                if lines > LONGEST_FUNCTION:
                    long.append((str(path.relative_to(ROOT)), node.name, lines))
    assert long == []


def test_no_binary_float_comes_near_money() -> None:
    """`float(`, a float's literal and true division have no business in the engine's arithmetic or in the office's money."""
    found = []
    for folder in (
        "jiuye/engine/basis/money.py",
        "jiuye/engine/rules",
        "jiuye/engine/ledger",
        "jiuye/office/entitlements",
        "jiuye/office/funds",
        "jiuye/office/casework",
    ):
        for path in sorted((ROOT / folder).rglob("*.py")) or [ROOT / folder]:
            text = path.read_text(encoding="utf-8")
            joins_paths = "pathlib" in text  # there `/` is a folder's
            for node in ast.walk(ast.parse(text)):
                call = (
                    isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
                )
                literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
                if call or literal or (isinstance(node, ast.Div) and not joins_paths):
                    found.append((path.name, getattr(node, "lineno", 0)))
    assert found == []


def test_nothing_names_a_path_of_one_machine_or_a_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    # Written in pieces, so that this file does not hold what it looks for.
    machine = re.compile(
        "/" + "work/(main|tmp|shared)|" + "/" + "root/|" + "py" + "pi[.]org|" + "simple/" + "pypi"
    )
    found = []
    for name in listed:
        path = ROOT / name
        if path.suffix in (".png", ".xlsx", ".mo") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        found += [(name, match.group(0)) for match in machine.finditer(text)]
    assert found == []


def documented_commands() -> list[str]:
    """Every `jiuye …` line of a shell block in the documents that needs neither database nor server."""
    found = []
    for document in ("README.md", "CONTRIBUTING.md", "docs/rule-language.md"):
        for block in re.findall(r"```sh\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.S):
            for line in block.splitlines():
                command = line.split("#")[0].strip()
                if command.startswith(".venv/bin/jiuye "):
                    found.append(command.removeprefix(".venv/bin/jiuye "))
    return sorted(set(found))


@pytest.mark.parametrize("command", documented_commands())
def test_the_commands_in_the_documents_run(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jiuye.config.cli", *shlex.split(command)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_make_targets_in_the_documents_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    for document in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md"):
        named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / document).read_text(encoding="utf-8")))
        assert named <= targets, (document, named - targets)


def test_every_office_application_has_its_rooms() -> None:
    """models, states, queries, operations: a file or a package each."""
    for app in sorted((ROOT / "jiuye" / "office").iterdir()):
        if not (app / "apps.py").exists():
            continue
        for room in ("models", "queries", "operations"):
            assert (app / f"{room}.py").exists() or (app / room).is_dir(), (app.name, room)


def test_lists_of_records_are_paged_by_key_and_not_by_offset() -> None:
    """The exceptions: the gallery's sample, and the rejected rows of an import, which lie in a file that no longer changes."""
    allowed = {"jiuye/portals/gallery/samples.py", "jiuye/portals/desk/imports/views.py"}
    counting = re.compile(r"^from django\.core\.paginator import Paginator", re.M)
    found = {
        str(path.relative_to(ROOT))
        for path in PYTHON_FILES
        if counting.search(path.read_text(encoding="utf-8"))
    }
    assert found == allowed
