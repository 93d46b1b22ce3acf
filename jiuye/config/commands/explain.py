"""`jiuye explain`: one subject under one policy, clause by clause. Needs no database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from jiuye.config.commands._shared import add_pack, day, print_problems, sound_pack
from jiuye.engine.basis.documents import read_yaml
from jiuye.engine.basis.money import yuan_text
from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.explain import VERDICT_WORDS, Explainer, Explanation
from jiuye.engine.rules.holders import in_english
from jiuye.engine.rules.lacking import Missing
from jiuye.engine.rules.pack import NoSuchPolicyError
from jiuye.engine.rules.rows import read_row

MARKS = {"yes": "✓", "no": "✗", "unknown": "?"}


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `explain`."""
    parser = subparsers.add_parser(
        "explain", help="逐条说明一个政策的结论 / explain one policy's answer clause by clause"
    )
    parser.add_argument("policy", metavar="POLICY")
    parser.add_argument(
        "--facts", type=Path, required=True, metavar="FILE.yaml", help="已知的信息 / what is known"
    )
    parser.add_argument("--on", type=day, required=True, metavar="DATE", help="判定日 / the day of decision")
    parser.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    add_pack(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the explanation; 1 where the pack, the policy's name or the facts are wrong."""
    pack = sound_pack(args.pack, args.lang)
    if pack is None:
        return 1
    try:
        policy = pack.policy(args.policy)
    except NoSuchPolicyError as error:
        print(error.zh if args.lang == "zh" else error.en, file=sys.stderr)
        return 1
    problems = Problems()
    document = read_yaml(args.facts, problems)
    row = read_row(document, policy.entity, pack.vocabulary, problems) if document is not None else None
    if row is None or problems.errors:
        print_problems(problems, args.lang)
        return 1
    explanation = Explainer(Decider(pack)).explain(policy, row, args.on)
    if args.json:
        print(json.dumps(explanation.as_dict(), ensure_ascii=False, indent=1))
    else:
        print("\n".join(_lines(explanation, args.lang, pack.vocabulary.holders)))
    return 0


def _lines(explanation: Explanation, lang: str, holders: Mapping[str, str]) -> list[str]:
    zh = lang == "zh"
    policy = explanation.policy
    word = VERDICT_WORDS[explanation.verdict][0 if zh else 1]
    lines = [f"{policy.label if zh else policy.label_en}（{policy.id}，{explanation.on}）"]
    lines += [
        f"{'结论' if zh else 'Verdict'}: {word}. {explanation.reason if zh else explanation.reason_en}",
        "",
    ]
    for number, result in enumerate(explanation.clauses, start=1):
        says = result.clause.says if zh else result.clause.says_en or result.clause.says
        lines.append(
            f" {MARKS[result.verdict]} {number}. {says}  [{VERDICT_WORDS[result.verdict][0] if zh else result.verdict}]"
        )
        lines.append(f"      {'依据' if zh else 'Law'}: {result.clause.law}")
        if result.clause.source is not None:
            lines.append(f"      {'出处' if zh else 'Source'}: {result.clause.source.citation}")
        for seen in result.seen:
            origin = f"（{seen.source}）" if seen.source else ""
            label, shown = (seen.label, seen.shown) if zh else (seen.label_en or seen.label, seen.shown_en)
            lines.append(f"      {label} {seen.path} = {shown}{origin}")
        lines += [f"      {_missing(item, zh, holders)}" for item in result.missing]
    if explanation.amount_fen is not None:
        lines += [
            "",
            f"{'金额' if zh else 'Amount'}: {yuan_text(explanation.amount_fen)} {'元' if zh else 'yuan'}",
            f"      {explanation.amount_text if zh else explanation.amount_text_en}",
        ]
        lines += [
            f"      {seen.label} = {seen.shown}（{seen.source}）"
            for seen in explanation.amount_seen
            if seen.source
        ]
    if explanation.missing:
        lines += ["", "还缺的信息:" if zh else "Still missing:"]
        lines += [f"      {_missing(item, zh, holders)}" for item in explanation.missing]
    lines += ["", f"{'规则版本' if zh else 'Rule version'}: {policy.version}"]
    return lines


def _missing(item: Missing, zh: bool, holders: Mapping[str, str]) -> str:
    if item.kind == "rule":
        return f"{'没有查到有效规定' if zh else 'no rule on file'}: {item.label}（{item.register}）"
    question = item.ask if zh else item.ask_en or item.ask
    if zh:
        return f"缺 {item.label} {item.path}，由谁掌握: {item.register or '—'}" + (
            f"；{question}" if question else ""
        )
    holder = in_english(item.register, holders) or "—"
    return f"missing {item.label_en or item.label} {item.path}, held by: {holder}" + (
        f"; {question}" if question else ""
    )
