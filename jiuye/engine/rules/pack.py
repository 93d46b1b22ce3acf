"""A pack: everything under one folder, loaded, typed and checked in one run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Texts
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from jiuye.engine.basis.collecting import nothing_collected
from jiuye.engine.basis.documents import Mapping
from jiuye.engine.basis.problems import Place, Problems, nearest
from jiuye.engine.rules.audiences import Audience
from jiuye.engine.rules.checks import check_pack
from jiuye.engine.rules.checks_questions import check_questions
from jiuye.engine.rules.files import FOLDERS, QUESTIONS, VOCABULARY, Contents, PackFiles
from jiuye.engine.rules.parameters import Parameter, Source
from jiuye.engine.rules.parameters_reading import read_parameters, read_sources
from jiuye.engine.rules.policies import Derived, Policy
from jiuye.engine.rules.policies_reading import Reader, read_derived, read_derived_head, read_policy
from jiuye.engine.rules.questions_reading import read_questions
from jiuye.engine.rules.tree import Aggregate, Dated, Lookup, Marginal, Node, Read, walk
from jiuye.engine.rules.vocabulary import Vocabulary, read_vocabulary


class NoSuchPolicyError(KeyError):
    """The pack holds no policy of that id."""

    def __init__(self, policy_id: str, known: list[str]) -> None:
        near = nearest(policy_id, known)
        hint = f"是否想写“{near}”？" if near else f"可用的有：{'、'.join(known)}。"
        hint_en = f"did you mean '{near}'?" if near else f"known: {', '.join(known)}."
        self.zh = f"没有政策“{policy_id}”。{hint}"
        self.en = f"no policy '{policy_id}'; {hint_en}"
        super().__init__(self.zh)


class BrokenPackError(ValueError):
    """A pack with mistakes in it was to be used; `problems` holds them all."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.render() for problem in problems))


@dataclass(slots=True)
class Pack:
    """The rules of one city. `derived` is in an order in which each fact needs only earlier ones."""

    folder: Path
    vocabulary: Vocabulary
    parameters: dict[str, Parameter] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    derived: dict[tuple[str, str], Derived] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    version: str = ""
    shared_sources: list[Source] = field(default_factory=list)  # of every file under parameters/
    texts: dict[str, str] = field(default_factory=dict)  # every file that was read, by its name in the pack
    audiences: dict[str, Audience] = field(default_factory=dict)  # who may ask for themselves, by entity

    def all_parameters(self) -> list[Parameter]:
        """Shared ones, those of derived files, those of policies; each once."""
        tables = [self.parameters]
        tables += [derived.parameters for derived in self.derived.values()]
        tables += [policy.parameters for policy in self.policies.values()]
        found = [parameter for table in tables for parameter in table.values()]
        return list({id(parameter): parameter for parameter in found}.values())

    def policy(self, policy_id: str) -> Policy:
        """The policy of that id. Raises NoSuchPolicyError."""
        try:
            return self.policies[policy_id]
        except KeyError:
            raise NoSuchPolicyError(policy_id, sorted(self.policies)) from None

    def reads(self, node: Node) -> set[tuple[str, str]]:
        """Every fact (entity, name) the expression reads, through derived facts down to the recorded ones."""
        found: set[tuple[str, str]] = set()
        stack = [node]
        while stack:
            for part in walk(stack.pop()):
                if isinstance(part, Read) and (key := (part.fact.entity, part.fact.name)) not in found:
                    found.add(key)
                    if key in self.derived:
                        stack.extend(version for _, version in self.derived[key].value.versions)
        return found

    def reach(self, policy: Policy) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """(facts, relations) that a policy's answer can depend on, each as (entity, name), derived facts included."""
        facts: set[tuple[str, str]] = set()
        relations: set[tuple[str, str]] = set()
        for dated in self.expressions(policy):
            for _, node in dated.versions:
                facts |= self.reads(node)
                for part in walk(node):
                    if isinstance(part, (Read, Aggregate)):
                        relations |= {(hop.entity, hop.name) for hop in part.hops}
                    if isinstance(part, Aggregate):
                        relations.add((part.relation.entity, part.relation.name))
        return facts, relations

    def expressions(self, policy: Policy) -> list[Dated]:
        """All expressions of a policy, those of the derived facts it reads included."""
        own = [clause.test for clause in policy.clauses] + ([policy.amount] if policy.amount else [])
        keys: set[tuple[str, str]] = set()
        for dated in own:
            for _, node in dated.versions:
                keys |= self.reads(node)
        return own + [self.derived[key].value for key in sorted(keys) if key in self.derived]


def load_pack(
    folder: Path, overlay: Texts[str, str] | None = None, contents: Contents | None = None
) -> tuple[Pack, Problems]:
    """Read the whole folder. The pack is usable only where `problems.errors` is empty; see `require_pack`.

    `overlay` maps names of files (`policies/x.yaml`) to texts that stand in for them, or are added: a draft is checked, and a
    publication is carried out, against everything else that the folder holds. `contents` is what the folder holds, where it was
    read already.
    """
    problems = Problems()
    if not folder.is_dir():
        problems.add(
            Place(str(folder)),
            "no-such-pack",
            zh="没有这个规则包文件夹。请检查路径。",
            en="there is no such folder of a pack; check the path.",
        )
        return Pack(folder, Vocabulary()), problems
    with nothing_collected():
        return _load(folder, PackFiles(folder, overlay or {}, problems, folder.name, contents), problems)


def load_texts(texts: Texts[str, str], called: str) -> tuple[Pack, Problems]:
    """A pack of texts alone, read from no folder: what an archive holds. `called` is its name in problems."""
    problems = Problems()
    with nothing_collected():
        return _load(Path(called), PackFiles(None, texts, problems, called), problems)


def _load(folder: Path, files: PackFiles, problems: Problems) -> tuple[Pack, Problems]:
    pack = Pack(folder, Vocabulary(), texts=files.texts)
    # Every file is read before any is understood, so that one run shows the slips of all.
    root = files.document(VOCABULARY)
    documents = {name: files.documents(name) for name in FOLDERS}
    if root is not None:
        pack.vocabulary = read_vocabulary(root, problems, documents["facts"].values())
    if not pack.vocabulary.entities:
        return pack, problems
    reader = Reader(pack.vocabulary, pack.parameters, problems)
    heads = {
        name: read_derived_head(document, _stem(name), reader)
        for name, document in documents["derived"].items()
    }
    for name, document in documents["parameters"].items():
        _read_shared(document, pack, problems, files.shown(name))
    for name, document in documents["derived"].items():
        pack.derived.update(read_derived(document, name, heads[name], reader))
    for name, document in documents["policies"].items():
        policy = read_policy(document, _stem(name), name, reader)
        if policy is not None:
            pack.policies[policy.id] = policy
    _order_derived(pack, problems)
    _stamp_versions(pack)
    check_pack(pack, problems)
    _read_audiences(pack, files, problems)
    return pack, problems


def _stem(name: str) -> str:
    return Path(name).stem


def _read_audiences(pack: Pack, files: PackFiles, problems: Problems) -> None:
    """What may be asked of whom, where the folder has it; no decision depends on it, so that no version and no archive does."""
    found = Problems()
    root = files.beside(QUESTIONS, found)
    if root is not None:
        pack.audiences = read_questions(root, pack, found)
        if not (problems.errors or found.errors):  # what an error kept from being read would look idle
            check_questions(pack, found)
    # A publication may end the last policy that a question is about: that must not keep it from coming into force.
    published = bool(files.overlay)
    for item in found:
        if not (published and item.warning):
            problems.add(item.place, item.code, zh=item.zh, en=item.en, warning=item.warning or published)


def require_pack(folder: Path) -> Pack:
    """The pack, ready to decide. Raises BrokenPackError with every problem where it has mistakes."""
    pack, problems = load_pack(folder)
    if problems.errors:
        raise BrokenPackError(problems)
    return pack


def _read_shared(document: Mapping, pack: Pack, problems: Problems, name: str) -> None:
    sources = read_sources(document, problems)
    pack.sources.update(sources)
    pack.shared_sources += sources.values()
    for key, parameter in read_parameters(document, sources, pack.vocabulary, problems).items():
        if key in pack.parameters:
            problems.add(
                parameter.place,
                "duplicate-name",
                zh=f"共用参数“{key}”在 {pack.parameters[key].place.file} 已有。",
                en=f"the shared parameter '{key}' already stands in {pack.parameters[key].place.file}.",
            )
        pack.parameters[key] = parameter
    document.text("notes")
    document.finish()


def _order_derived(pack: Pack, problems: Problems) -> None:
    """Sort derived facts so that each needs only earlier ones; a circle is reported, once, with its members."""
    needs = {
        key: {
            (part.fact.entity, part.fact.name)
            for _, node in derived.value.versions
            for part in walk(node)
            if isinstance(part, Read) and (part.fact.entity, part.fact.name) in pack.derived
        }
        for key, derived in pack.derived.items()
    }
    ordered: dict[tuple[str, str], Derived] = {}
    while len(ordered) < len(needs):
        ready = sorted(key for key in needs if key not in ordered and needs[key] <= set(ordered))
        if not ready:
            circle = _circle({key: needs[key] - set(ordered) for key in needs if key not in ordered})
            names = " → ".join(".".join(key) for key in [*circle, circle[0]])
            problems.add(
                pack.derived[circle[0]].fact.place,
                "circle",
                zh=f"派生事实互相引用成圈：{names}。请断开其中一处。",
                en=f"derived facts refer to each other in a circle: {names}; break it somewhere.",
            )
            break
        for key in ready:
            ordered[key] = pack.derived[key]
    pack.derived = ordered


def _circle(needs: dict[tuple[str, str], set[tuple[str, str]]]) -> list[tuple[str, str]]:
    """One circle among facts of which each needs another: walk until a fact comes a second time."""
    path = [min(needs)]
    while (following := min(needs[path[-1]])) not in path:
        path.append(following)
    circle = path[path.index(following) :]
    first = circle.index(min(circle))
    return circle[first:] + circle[:first]


def _stamp_versions(pack: Pack) -> None:
    """A policy's version is the hash of every file its answer depends on: the same version decides the same."""
    digests = {name: hashlib.sha256(text.encode()).digest() for name, text in pack.texts.items()}
    shared_files = {key: f"parameters/{Path(par.place.file).name}" for key, par in pack.parameters.items()}
    whole = hashlib.sha256()
    for policy in sorted(pack.policies.values(), key=lambda item: item.id):
        files = {"facts.yaml", policy.file}
        files |= _vocabulary_files(pack, policy)
        for dated in pack.expressions(policy):
            for _, node in dated.versions:
                files |= {pack.derived[key].file for key in pack.reads(node) if key in pack.derived}
                for part in walk(node):
                    used = (
                        part.parameter
                        if isinstance(part, Lookup)
                        else part.scale
                        if isinstance(part, Marginal)
                        else None
                    )
                    if used is not None and pack.parameters.get(used.name) is used:
                        files.add(shared_files[used.name])
        digest = hashlib.sha256()
        for name in sorted(files):
            digest.update(name.encode() + b"\0" + digests[name])
        policy.version = digest.hexdigest()[:16]
        policy.dependencies = files
        whole.update(f"{policy.id}={policy.version};".encode())
    pack.version = whole.hexdigest()[:16]


def _vocabulary_files(pack: Pack, policy: Policy) -> set[str]:
    """The files under facts/ in which a fact, relation or entity that the policy can depend on is described."""
    facts, relations = pack.reach(policy)
    entities = pack.vocabulary.entities
    places = [entities[policy.entity].place]
    places += [entities[entity].facts[name].place for entity, name in facts]
    places += [entities[entity].relations[name].place for entity, name in relations]
    return {f"facts/{Path(place.file).name}" for place in places if Path(place.file).parent.name == "facts"}


def in_force(policy: Policy, on: date) -> bool:
    """True where the policy is in force on that day."""
    return on in policy.in_force
