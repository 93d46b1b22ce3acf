"""Every text that the screen may show in Chinese, with the place it stands in.

Three sources: templates (compiled by Django itself, so that a msgid is exactly what is looked up at run time), gettext
calls in Python, and vocabularies (states.py, roles.py, and the names, choices and sentences of models), whose words
are translated when they are shown. Chinese on a page that nobody marked for translation is a finding.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.template import Engine, Template, TemplateSyntaxError
from django.template.base import Lexer, Node, Token, TokenType, Variable
from django.template.loader import engines
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]")
CHINESE_OR_PUNCTUATION = re.compile(
    "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002ffff\u3001\u3002\uff0c\uff1a\uff1b\uff08\uff09\u201c\u201d]"
)
MARKED_IN_TEMPLATE = re.compile(r"""_\((["'])(.*?)\1\)""")
QUOTED = re.compile(r""""([^"]*)"|'([^']*)'""")
NOT_TRANSLATED = "# not translated"  # in a template: {# not translated: … #}

SINGLE = {"gettext", "gettext_lazy", "gettext_noop", "_"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
WITH_PLURAL = {"ngettext", "ngettext_lazy"}
VOCABULARY_FILES = {"states.py", "roles.py"}


@dataclass(slots=True)
class Message:
    """A text to translate: as Django looks it up, with every place that it stands in (file:line)."""

    msgid: str
    plural: str = ""
    context: str = ""
    places: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a place, in a sentence."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


def _unmarked(text: str) -> str:
    shown = " ".join(text.split())[:40]
    return f"页面文字没有标记翻译：{shown}。请用 translate 或 gettext；不该翻译的，在行内写 {NOT_TRANSLATED} 和原因。"


class Extraction:
    """The messages found so far by (context, msgid), and what could not be taken."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.messages: dict[tuple[str, str], Message] = {}
        self.findings: list[Finding] = []

    def place(self, path: Path, line: int | None) -> str:
        shown = path.relative_to(self.root) if path.is_relative_to(self.root) else path
        return f"{shown}:{line}" if line else str(shown)

    def add(self, place: str, msgid: str, *, plural: str = "", context: str = "") -> None:
        message = self.messages.setdefault((context, msgid), Message(msgid, plural, context))
        if place not in message.places:
            message.places.append(place)


def extract(root: Path) -> Extraction:
    """All messages below `root` (the checkout); Django must be set up, a database is not needed."""
    extraction = Extraction(root)
    engine = engines["django"].engine
    for path in sorted((root / "jiuye").rglob("templates/**/*.*")):
        if path.suffix in (".html", ".txt", ".svg", ".xml"):
            _template(extraction, engine, path)
    for path in sorted((root / "jiuye").rglob("*.py")):
        if "migrations" not in path.parts:
            _python(extraction, path)
    _models(extraction)
    return extraction


# --- Templates ---


def _template(extraction: Extraction, engine: Engine, path: Path) -> None:
    source = path.read_text()
    try:
        compiled = Template(source, engine=engine)
    except TemplateSyntaxError as error:
        extraction.findings.append(Finding(extraction.place(path, None), f"模板有错误：{error}。请先改正。"))
        return
    for node in _nodes(compiled.nodelist):
        place = extraction.place(path, node.token.lineno if node.token else None)
        if isinstance(node, BlockTranslateNode):
            _block(extraction, place, node)
        elif isinstance(node, TranslateNode):
            variable = node.filter_expression.var
            if isinstance(variable, Variable) and isinstance(variable.literal, str):
                context = str(node.message_context.var) if node.message_context else ""
                extraction.add(place, variable.literal.replace("%", "%%"), context=context)
    for token in Lexer(source).tokenize():
        for match in MARKED_IN_TEMPLATE.finditer(
            token.contents if token.token_type != TokenType.TEXT else ""
        ):
            extraction.add(extraction.place(path, token.lineno), match[2].replace("%", "%%"))
    _unmarked_in_template(extraction, path, source)


def _nodes(nodes: object) -> Iterator[Node]:
    for node in nodes:  # type: ignore[attr-defined]
        yield node
        # A simple_block_tag holds its block without counting it among its children.
        for name in {*node.child_nodelists, "nodelist"}:
            yield from _nodes(getattr(node, name, None) or [])


def _block(extraction: Extraction, place: str, node: BlockTranslateNode) -> None:
    singular, _ = node.render_token_list(node.singular)
    plural = node.render_token_list(node.plural)[0] if node.plural and node.countervar else ""
    context = str(node.message_context.var) if node.message_context else ""
    extraction.add(place, singular, plural=plural, context=context)


def _unmarked_in_template(extraction: Extraction, path: Path, source: str) -> None:
    inside = ""
    lines = source.split("\n")
    for token in Lexer(source).tokenize():
        word = token.contents.split(maxsplit=1)[0] if token.contents.strip() else ""
        if token.token_type == TokenType.BLOCK and word in ("blocktranslate", "blocktrans", "comment"):
            inside = f"end{word}"
            continue
        if inside:
            inside = "" if token.token_type == TokenType.BLOCK and word == inside else inside
            continue
        for offset, shown in enumerate(_shown_text(token, word).split("\n")):
            number = token.lineno + offset
            if CHINESE_OR_PUNCTUATION.search(shown) and NOT_TRANSLATED not in lines[number - 1]:
                extraction.findings.append(Finding(extraction.place(path, number), _unmarked(shown)))


def _shown_text(token: Token, word: str) -> str:
    """What a token would put on the screen untranslated: text, or the quoted words of a tag or a variable."""
    if token.token_type == TokenType.TEXT:
        return token.contents
    if token.token_type == TokenType.COMMENT or word in ("translate", "trans"):
        return ""
    unmarked = MARKED_IN_TEMPLATE.sub("", token.contents)
    return " ".join(double or single for double, single in QUOTED.findall(unmarked))


# --- Python ---


def _python(extraction: Extraction, path: Path) -> None:
    source = path.read_text()
    if not CHINESE.search(source):
        return
    tree = ast.parse(source)
    marked: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            marked |= _call(extraction, path, node)
    literals = [node for node in _chinese_literals(tree) if id(node) not in marked]
    if path.name in VOCABULARY_FILES and "office" in path.parts:
        parts = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        for node in literals:
            if id(node) not in parts:  # a piece of a sentence is no word of a vocabulary
                extraction.add(extraction.place(path, node.lineno), str(node.value))
    elif "portals" in path.parts and "translations" not in path.parts:
        lines = source.splitlines()
        for node in literals:
            if NOT_TRANSLATED not in lines[(node.end_lineno or node.lineno) - 1]:
                extraction.findings.append(
                    Finding(extraction.place(path, node.lineno), _unmarked(str(node.value)))
                )


def _call(extraction: Extraction, path: Path, node: ast.Call) -> set[int]:
    """Take the message of a gettext call; the ids of the literals that are marked by it."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name not in SINGLE | WITH_CONTEXT | WITH_PLURAL or not node.args:
        return set()
    place = extraction.place(path, node.lineno)
    texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    if any(isinstance(argument, ast.JoinedStr) for argument in node.args):
        extraction.findings.append(
            Finding(
                place, "gettext 里不能用 f 字符串，译文会找不到。请用 gettext('…%(name)s…') % {'name': …}。"
            )
        )
        return set()
    if name in SINGLE and texts:
        extraction.add(place, str(texts[0]))
    elif name in WITH_CONTEXT and len(texts) >= 2:
        extraction.add(place, str(texts[1]), context=str(texts[0]))
    elif name in WITH_PLURAL and len(texts) >= 2:
        extraction.add(place, str(texts[0]), plural=str(texts[1]))
    return {id(argument) for argument in node.args}


def _chinese_literals(tree: ast.Module) -> Iterator[ast.Constant]:
    """String constants with Chinese in them that are no docstrings; parts of f-strings included."""
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                docstrings.add(id(first.value))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in docstrings:
            continue
        if CHINESE.search(node.value):
            yield node


# --- Models ---


def _models(extraction: Extraction) -> None:
    """Names, choices and constraint sentences of our models, as the forms and pages show them."""
    for model in apps.get_models():
        if not model.__module__.startswith("jiuye.") or model._meta.model_name.endswith("event"):
            continue
        place = model.__module__.replace(".", "/") + ".py"
        texts = [str(model._meta.verbose_name)]
        for one in model._meta.get_fields():
            texts.append(str(getattr(one, "verbose_name", "") or ""))
            texts += [str(name) for _, name in getattr(one, "flatchoices", None) or []]
        texts += [str(one.violation_error_message) for one in model._meta.constraints]
        for text in texts:
            if CHINESE.search(text):
                extraction.add(place, text)
