"""What a new file of a pack begins as: its keys in order, with the places to fill in."""

from __future__ import annotations

from pathlib import PurePosixPath

POLICY = """# 这份政策的要点写在这里：谁、凭什么、得到多少。
id: {id}
name: 名称
name_en: Name
summary: 一句话：谁、能得到什么
summary_en: In one sentence, who gets what
task: 1
for: person
period: once
in_force: {{from: 2025-01-01}}
evidence: direct
claim: apply
fund: employment-subsidy

sources:
  notice: {{document: 文件名称, number: 文号, date: 2025-01-01, url: 网址, confidence: FOUND}}

parameters:
  standard:
    name: 标准
    name_en: standard
    type: money
    values:
      2025-01-01: {{value: 0, source: notice}}

conditions:
  - id: first
    law: 文件原话
    source: notice
    says: 用平常的话说这一条
    says_en: The same in plain English
    test: age >= 16

amount: standard
amount_law: 文件关于金额的原话

cases:
  - name: 符合的情形
    on: 2025-01-01
    facts: {{birth_date: 1990-01-01}}
    expect: {{verdict: yes, amount: 0.00}}
"""
PARAMETERS = """sources:
  notice: {document: 文件名称, number: 文号, date: 2025-01-01, url: 网址, confidence: FOUND}
parameters:
"""
DERIVED = """entity: person
sources: {}
facts:
"""


def skeleton(path: str) -> str:
    """The first text of a file that does not stand anywhere yet."""
    name = PurePosixPath(path)
    kinds = {"policies": POLICY.format(id=name.stem), "parameters": PARAMETERS, "derived": DERIVED}
    return kinds.get(name.parts[0], "enums: {}\nentities: {}\n")
