"""Questions held against the policies: what does nothing, what is asked against its own word, and the cases of inferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jiuye.engine.basis.problems import Place, Problems
from jiuye.engine.rules.asking import Follower, OpenCompiler, World
from jiuye.engine.rules.audiences import Audience, Reads, policies_for, reads_of, reads_of_policy, type_at
from jiuye.engine.rules.spans import resolved
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import show_value

if TYPE_CHECKING:
    from jiuye.engine.rules.pack import Pack


def check_questions(pack: Pack, problems: Problems) -> None:
    """Everything that is wrong about an audience beyond its single entries. Expects a pack whose policies could be read."""
    for audience in pack.audiences.values():
        reads = Reads()
        for policy in policies_for(pack, audience.entity):
            reads.add(reads_of_policy(pack, policy, audience.slots))
        read = reads.recorded | set(reads.derived)
        premises = Reads()
        for rule in audience.implications:
            for _, node in rule.test.versions:
                premises.add(reads_of(pack, node, audience.slots.get(rule.slot)))
        _check_uses(audience, read, premises.recorded | set(premises.derived), problems)
        _check_cases(pack, audience, problems)


def _check_uses(audience: Audience, read: set[str], premises: set[str], problems: Problems) -> None:
    """Nothing is fixed that no policy for this audience reads, except what an inference goes on from."""
    used = read | premises
    for question in audience.questions.values():
        if not used & set(question.paths):
            problems.add(
                question.place,
                "idle-question",
                zh=f"没有政策要用“{question.id}”问到的任何一项。不需要的请删去。",
                en=f"no policy reads anything that '{question.id}' tells; remove it.",
                warning=True,
            )
    for rule in audience.implications:
        if not read & {path for path, _ in rule.then}:
            problems.add(
                rule.place,
                "idle-inference",
                zh=f"没有政策要用“{rule.id}”推出的任何一项。不需要的请删去。",
                en=f"no policy reads anything that '{rule.id}' concludes; remove it.",
                warning=True,
            )
    for path, unasked in audience.unasked.items():
        asking = [question for question in audience.questions.values() if path in question.paths]
        if asking:
            problems.add(
                unasked.place,
                "asked-after-all",
                zh=f"“{path}”列为不问，第 {asking[0].place.line} 行的“{asking[0].id}”却在问。请删去其中一处。",
                en=f"'{path}' is listed as not asked, yet '{asking[0].id}' on line {asking[0].place.line} asks it; remove one of the two.",
            )


def _check_cases(pack: Pack, audience: Audience, problems: Problems) -> None:
    compiler = OpenCompiler(
        {key: derived.value for key, derived in pack.derived.items()}, pack.vocabulary.enums
    )
    follower = Follower(audience, compiler)
    for rule in audience.implications:
        for case in rule.cases:
            world = World(pack.vocabulary, audience)
            world.put((path, resolved(value, case.on)) for path, value in case.given)
            follower.follow(world, case.on)
            for path, wanted in case.then:
                found = world.value(path)
                if found != wanted:
                    typed = type_at(pack, audience.entity, audience.slots, path)
                    _wrong_case(pack, case.place, path, wanted, found, typed[0] if typed else None, problems)


def _wrong_case(
    pack: Pack, place: Place, path: str, wanted: object, found: object, kind: Type | None, problems: Problems
) -> None:
    enums = pack.vocabulary.enums
    shown = [
        (show_value(value, kind, enums) if kind else str(value), show_value(value, kind, enums, "en") if kind else str(value))
        for value in (wanted, found)
    ]  # fmt: skip
    problems.add(
        place,
        "case-fails",
        zh=f"“{path}”应为 {shown[0][0]}，推出的是 {shown[1][0]}。请改案例，或改推论。",
        en=f"'{path}' should be {shown[0][1]}, and {shown[1][1]} follows; mend the case or the inference.",
    )
