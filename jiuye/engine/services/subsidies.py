"""Reading `services/subsidies/<policy>.yaml`: how one policy's money is asked for, proved, decided and paid.

One file a policy; a policy without one is claimed by `claims.yaml` alone. A new subsidy's procedure is a new file and no code.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, Scalar, Sequence, parse_yaml, read_text
from jiuye.engine.basis.problems import Problems, did_you_mean, display_path
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import Policy
from jiuye.engine.services.claims import LOOKUPS, Band, ClaimReader, Lookup, Procedure
from jiuye.engine.services.items import APPLICANTS, Evidence, version_of
from jiuye.engine.services.reading import Source

FOLDER = ("services", "subsidies")
# What carries the money: a case of its own, or the guaranteed loan that it belongs to (then no case is ever opened for it).
CARRIERS = ("case", "loan")


@dataclass(frozen=True, slots=True)
class Subsidy:
    """The whole of one file. `evidence.known_by` names facts of the policy's subject: `fact`, or `relation.fact`."""

    id: str  # the policy that it pays
    name: str
    name_en: str
    says: str
    says_en: str
    task: str
    applicant: str  # person | employer
    evidence: tuple[Evidence, ...]
    procedure: Procedure
    sources: tuple[Source, ...]
    version: str  # of the file's text
    carried_by: str = "case"  # one of CARRIERS

    @property
    def bands(self) -> tuple[Band, ...]:
        """The bands of signatures; empty: those of `claims.yaml`."""
        return self.procedure.bands

    @property
    def lookups(self) -> tuple[Lookup, ...]:
        """What is looked up in registers besides what `claims.yaml` lists for everybody."""
        return self.procedure.lookups


def load_subsidies(
    folder: Path, *, pack: Pack | None = None, problems: Problems | None = None
) -> tuple[dict[str, Subsidy], Problems]:
    """The subsidies of the pack in `folder` without mistakes, by policy, and everything that is wrong with the others.

    Policies and facts are those of `pack`; None: such names are not checked.
    """
    problems = problems if problems is not None else Problems()
    found: dict[str, Subsidy] = {}
    for path in sorted(folder.joinpath(*FOLDER).glob("*.yaml")):
        before = len(problems.errors)
        name = display_path(path, folder)
        text = read_text(path, name, problems)
        root = parse_yaml(text, name, problems) if text is not None else None
        if root is None or text is None:
            continue
        subsidy = _Reader(problems, pack).subsidy(root, text)
        if subsidy.id != path.stem:
            problems.add(
                root.entries["pays"][1].place if "pays" in root else root.place,
                "id-is-not-the-name",
                zh=f"pays 是“{subsidy.id}”，文件名是“{path.stem}”；两者应当相同。",
                en=f"'pays' is '{subsidy.id}' and the file is called '{path.stem}'; they should be the same.",
            )
        if len(problems.errors) == before:
            found[subsidy.id] = subsidy
    return found, problems


class _Reader(ClaimReader):
    """One file; it takes its own keys first and leaves the procedure's to `ClaimReader`."""

    def __init__(self, problems: Problems, pack: Pack | None) -> None:
        super().__init__(problems)
        self.pack = pack

    def subsidy(self, root: Mapping, text: str) -> Subsidy:
        self.read_sources(root)
        policy_id = self.policy(root)
        policy = self.pack.policies.get(policy_id) if self.pack is not None else None
        evidence = self.evidence(root, policy)
        says, says_en = root.text("says", required=True), root.text("says_en", required=True)
        task, applicant = root.text("task"), root.choice("for", APPLICANTS)
        carried_by = root.choice("carried_by", CARRIERS, default="case")
        self.check_applicant(root, policy_id, applicant)
        # The procedure takes its own keys out of the same mapping and says what is left over.
        procedure = self.procedure(policy_id, root)
        self.unused_sources(root)
        return Subsidy(
            id=policy_id,
            name=procedure.name,
            name_en=procedure.name_en,
            says=says,
            says_en=says_en,
            task=task,
            applicant=applicant,
            evidence=evidence,
            procedure=procedure,
            sources=tuple(self.sources.values()),
            version=version_of(text),
            carried_by=carried_by,
        )

    def policy(self, root: Mapping) -> str:
        """The policy that the file pays: one of the pack whose yes is money."""
        scalar = root.scalar("pays", required=True)
        if scalar is None:
            return ""
        if self.pack is None:
            return scalar.text
        policy = self.pack.policies.get(scalar.text)
        if policy is None:
            zh, en = did_you_mean(scalar.text, self.pack.policies)
            self.problems.add(
                scalar.place,
                "unknown-policy",
                zh=f"没有名为“{scalar.text}”的政策。{zh}",
                en=f"there is no policy '{scalar.text}'; {en}",
            )
        elif policy.effect != "payment":
            self.problems.add(
                scalar.place,
                "pays-nothing",
                zh=f"政策“{scalar.text}”不发放资金（effect: {policy.effect}），不能写成补贴事项。",
                en=f"policy '{scalar.text}' pays nothing (effect: {policy.effect}); it cannot have a subsidy's file.",
            )
        return scalar.text

    def check_applicant(self, root: Mapping, policy_id: str, applicant: str) -> None:
        """Who applies is who is paid."""
        policy = self.pack.policies.get(policy_id) if self.pack is not None else None
        if policy is not None and applicant and policy.recipient_entity != applicant and "for" in root:
            self.problems.add(
                root.entries["for"][1].place,
                "another-recipient",
                zh=f"政策把钱付给 {policy.recipient_entity}，这里写的是 {applicant}。请改成同一方。",
                en=f"the policy pays a {policy.recipient_entity} and here stands {applicant}; name the same.",
            )

    def evidence(self, root: Mapping, policy: Policy | None) -> tuple[Evidence, ...]:
        entity = policy.entity if policy is not None else ""
        found: list[Evidence] = []
        sequence: Sequence | None = root.sequence("evidence")
        for node in sequence or ():
            if not isinstance(node, Mapping):
                self.problems.add(
                    node.place if isinstance(node, Scalar | Sequence) else root.place,
                    "wrong-shape",
                    zh="材料的每一行应当是一组“键: 值”（id、name、name_en、known_by）。",
                    en="each row of 'evidence' should be a mapping with id, name, name_en and known_by.",
                )
                continue
            row = Evidence(
                id=node.text("id", required=True),
                name=node.text("name", required=True),
                name_en=node.text("name_en", required=True),
                known_by=self.paths(node, "known_by", entity),
                required=node.flag("required", default=True),
                concerns=self.concerns(node, policy),
            )
            self.source(node)
            node.finish()
            if any(other.id == row.id for other in found):
                self.problems.add(
                    node.key_place("id"),
                    "duplicate-id",
                    zh=f"已有材料“{row.id}”。请另起一个名字。",
                    en=f"there is evidence '{row.id}' already; give this row another name.",
                )
            found.append(row)
        return tuple(found)

    def concerns(self, node: Mapping, policy: Policy | None) -> str:
        """The fact that says whom a paper concerns: a yes or no of the subject on which the policy's own conditions rest, since it is the
        decision that is asked for it."""
        scalar = node.scalar("concerns")
        if scalar is None or self.pack is None or policy is None:
            return scalar.text if scalar is not None else ""
        facts = self.pack.vocabulary.entities[policy.entity].facts
        read = {name for entity, name in self.pack.reach(policy)[0] if entity == policy.entity}
        known = {name for name in read if name in facts and facts[name].type.kind == "boolean"}
        if scalar.text not in known:
            zh, en = did_you_mean(scalar.text, known)
            self.problems.add(
                scalar.place,
                "concerns-nobody",
                zh=f"“{scalar.text}”不是这项政策的条件所看的是非事实，说不出材料涉及谁。{zh}",
                en=f"'{scalar.text}' is no yes or no that the policy's conditions read, and says of nobody whether the paper concerns them; {en}",
            )
        return scalar.text

    def paths(self, node: Mapping, key: str, entity: str) -> tuple[str, ...]:
        return fact_paths(node, key, pack=self.pack, entity=entity, problems=self.problems)

    def check_fact(self, row: Mapping, check: str, fact: str) -> None:
        """The fact belongs to the person or the employer that the check is about."""
        if self.pack is None or not fact or not check:
            return
        whose = LOOKUPS[check]
        holders = ("person", "employer") if whose == "recipient" else (whose,)
        entities = self.pack.vocabulary.entities
        known = {name for holder in holders if holder in entities for name in entities[holder].facts}
        if fact not in known:
            zh, en = did_you_mean(fact, known)
            self.problems.add(
                row.entries["fact"][1].place,
                "unknown-fact",
                zh=f"核验“{check}”所用的事实“{fact}”不存在。{zh}",
                en=f"there is no fact '{fact}' for the check '{check}'; {en}",
            )


def fact_paths(
    node: Mapping, key: str, *, pack: Pack | None, entity: str, problems: Problems
) -> tuple[str, ...]:
    """Facts of the policy's subject, or of what it points to; each must be bound to a record or a register."""
    rows = node.texts(key)
    for scalar in rows:
        if pack is None or not entity:
            continue
        entities = pack.vocabulary.entities
        relation, _, name = scalar.text.rpartition(".")
        target = entities[entity].relations.get(relation) if relation else None
        holder = target.to if target is not None else ("" if relation else entity)
        facts = {
            fact.name: fact
            for fact in (entities[holder].facts.values() if holder else ())
            if (holder, fact.name) not in pack.derived
        }
        if name not in facts:
            near = [
                *facts,
                *(
                    f"{one}.{fact}"
                    for one, to in entities[entity].relations.items()
                    for fact in entities[to.to].facts
                ),
            ]
            zh, en = did_you_mean(scalar.text, near)
            problems.add(
                scalar.place,
                "unknown-fact",
                zh=f"“{entity}”没有叫“{scalar.text}”的事实。{zh}",
                en=f"'{entity}' has no fact '{scalar.text}'; {en}",
            )
        elif not facts[name].binding:
            problems.add(
                scalar.place,
                "known-by-nobody",
                zh=f"“{scalar.text}”没有登记簿保存，不能免提交材料。请删去，或先绑定登记簿。",
                en=f"no register holds '{scalar.text}', so that it spares no paper; remove it, or bind it first.",
            )
    return tuple(scalar.text for scalar in rows)


def needed_signatures(bands: tuple[Band, ...], amount_fen: int) -> int:
    """How many signatures an amount takes: that of the first band that reaches it; one where there are no bands."""
    for band in bands:
        if band.up_to_fen is None or amount_fen <= band.up_to_fen:
            return band.signatures
    return 1
