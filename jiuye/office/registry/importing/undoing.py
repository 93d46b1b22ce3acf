"""Taking a batch back as one: what it made is deleted, what it changed stands again as before.

It is refused, with the reason, where later work depends on it: a row that was changed since, a fact that somebody
added, a case, an account.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import connection, models
from django.db.models.deletion import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from jiuye.office.registry.importing.writing import PLAIN_COLUMNS, SEALED_COLUMNS, Progress
from jiuye.office.registry.models import (
    Birth,
    ContributionSpell,
    Education,
    Employer,
    EmploymentSpell,
    ImportBatch,
    ImportChange,
    Person,
    RegisterRecord,
    Status,
)
from jiuye.office.registry.secrets import mask_name
from jiuye.office.staff.models import Account

MODELS: dict[str, type[models.Model]] = {
    "person": Person,
    "employer": Employer,
    "status": Status,
    "employmentspell": EmploymentSpell,
    "education": Education,
}
_LARGE = 5_000  # rows of a file
# A row lies in one of the batch's runs.
_WITHIN = "{} BETWEEN c.object_id AND c.last_id"
# Facts that hang on a person and were not necessarily written by the batch.
_FACTS: tuple[tuple[type[models.Model], str], ...] = (
    (Status, "person"),
    (EmploymentSpell, "person"),
    (Education, "person"),
    (ContributionSpell, "person"),
    (Birth, "mother"),
    (RegisterRecord, "person"),
)


class UndoBlockedError(ValueError):
    """Later work depends on the batch. `blockers` are the sentences, each with a count and an example."""

    def __init__(self, blockers: list[str]) -> None:
        self.blockers = blockers
        super().__init__(
            _("不能撤销这一批，后来的工作依赖它：%(blockers)s。请先处理这些，或逐人更正。")
            % {"blockers": "；".join(blockers)}
        )


def undo(batch: ImportBatch, progress: Progress) -> None:
    """Delete and restore, inside the caller's transaction and audit context. Raises UndoBlockedError."""
    progress("检查后来的工作", 0.1)
    _refresh_statistics(batch)
    blockers = [
        *_changed_since(batch),
        *_facts_added_since(batch),
        *_hires_in_registers(batch),
        *_accounts_opened(batch),
    ]
    if blockers:
        raise UndoBlockedError(blockers)
    progress("恢复原值", 0.3)
    with connection.cursor() as cursor:
        _restore(cursor, batch)
        progress("删除新建的记录", 0.5)
        for model in ("status", "employmentspell", "education"):
            cursor.execute(
                f"DELETE FROM registry_{model} t USING registry_importchange c "
                f"WHERE c.batch_id = %s AND c.model = %s AND c.before IS NULL AND {_WITHIN.format('t.id')}",
                [batch.pk, model],
            )
    for name in ("person", "employer"):
        _delete_new(MODELS[name], batch, name)


def _delete_new(model: type[models.Model], batch: ImportBatch, name: str) -> None:
    """Delete what the batch made of this model.

    Where other rows point at it, through the ORM: apps above this one decide by `on_delete` what goes along and what
    protects. Where none do, which is the rule, in one statement: the ORM takes five minutes for 200,000 persons.
    """
    runs = _runs(batch, name)
    if not any(_points_at(relation, runs) for relation in model._meta.related_objects):
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {model._meta.db_table} t USING registry_importchange c "
                f"WHERE c.batch_id = %s AND c.model = %s AND c.before IS NULL AND {_WITHIN.format('t.id')}",
                [batch.pk, name],
            )
        return
    try:
        model._default_manager.filter(_in_runs("pk", runs)).only("pk").delete()
    except (ProtectedError, RestrictedError) as error:
        held = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
        kinds = Counter(str(found._meta.verbose_name) for found in held)
        raise UndoBlockedError(
            [_("已有%(kind)s%(count)d条") % {"kind": _(kind), "count": kinds[kind]} for kind in sorted(kinds)]
        ) from error


def _refresh_statistics(batch: ImportBatch) -> None:
    """Right after a large import the planner still takes the tables for small, and would walk them row by row."""
    if batch.row_count < _LARGE:
        return
    with connection.cursor() as cursor:
        for name in MODELS:
            cursor.execute(f"ANALYZE registry_{name}")
            cursor.execute(f"ANALYZE registry_{name}event")


def _runs(batch: ImportBatch, name: str) -> list[tuple[int, int]]:
    """The runs of ids, first and last, that the batch wrote new of that model."""
    new = ImportChange.objects.filter(batch=batch, model=name, before__isnull=True)
    return list(new.order_by("pk").values_list("object_id", "last_id"))


def _in_runs(field: str, runs: list[tuple[int, int]]) -> models.Q:
    within = models.Q(pk__in=[])
    for first, last in runs:
        within |= models.Q(**{f"{field}__gte": first, f"{field}__lte": last})
    return within


def _points_at(relation: models.ForeignObjectRel, runs: list[tuple[int, int]]) -> bool:
    """True where a row of that relation points at one of these; the audit trail's unconstrained keys do not count."""
    field = relation.field
    if not getattr(field, "db_constraint", True):
        return False
    return relation.related_model._default_manager.filter(_in_runs(field.attname, runs)).exists()


def _context_of(batch: ImportBatch) -> Any:
    """The audit context under which the batch was accepted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pgh_context_id FROM registry_importbatchevent WHERE pgh_obj_id = %s AND state = 'accepted' "
            "ORDER BY pgh_id LIMIT 1",
            [batch.pk],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _changed_since(batch: ImportBatch) -> list[str]:
    """Rows of the batch that have a later event in the audit trail, made by somebody else's act."""
    context = _context_of(batch)
    sentences = []
    for name, model in MODELS.items():
        table = f"registry_{name}"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(DISTINCT own.pgh_obj_id), min(own.pgh_obj_id) FROM registry_importchange c "
                f"JOIN {table}event own ON {_WITHIN.format('own.pgh_obj_id')} AND own.pgh_context_id = %s "
                f"JOIN {table}event later ON later.pgh_obj_id = own.pgh_obj_id AND later.pgh_id > own.pgh_id "
                "AND later.pgh_context_id IS DISTINCT FROM %s WHERE c.batch_id = %s AND c.model = %s",
                [context, context, batch.pk, name],
            )
            count, example = cursor.fetchone() or (0, None)
        if count:
            sentences.append(
                _("%(count)d条%(kind)s在入库后又改过（例如编号%(example)d）")
                % {"count": count, "kind": model._meta.verbose_name, "example": example}
            )
    return sentences


def _facts_added_since(batch: ImportBatch) -> list[str]:
    """Facts of persons that the batch made, written by others."""
    sentences = []
    for model, column in _FACTS:
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*), min(p.id) FROM registry_importchange c JOIN registry_person p ON {_WITHIN.format('p.id')} "
                f"JOIN {table} f ON f.{column}_id = p.id WHERE c.batch_id = %s AND c.model = 'person' AND c.before IS NULL "
                "AND NOT EXISTS (SELECT FROM registry_importchange o WHERE o.batch_id = %s AND o.model = %s "
                "AND f.id BETWEEN o.object_id AND o.last_id)",
                [batch.pk, batch.pk, model._meta.model_name],
            )
            count, example = cursor.fetchone() or (0, None)
        if count:
            person = Person.objects.only("name").get(pk=example)
            sentences.append(
                _("入库后又登记了%(count)d条%(kind)s（例如%(name)s，编号%(example)d）")
                % {
                    "count": count,
                    "kind": model._meta.verbose_name,
                    "name": mask_name(person.name),
                    "example": example,
                }
            )
    return sentences


def _hires_in_registers(batch: ImportBatch) -> list[str]:
    """Employments that the batch made and of which another department's register speaks."""
    spoken_of = RegisterRecord.objects.filter(_in_runs("hire_id", _runs(batch, "employmentspell")))
    count = spoken_of.count()
    return [_("其他部门已登记了%(count)d条招用信息") % {"count": count}] if count else []


def _accounts_opened(batch: ImportBatch) -> list[str]:
    """Residents who were given an account of their own: the account names them by a text key."""
    made = Person.objects.filter(_in_runs("pk", _runs(batch, "person"))).order_by("pk")
    keys = made.values(key=models.functions.Cast("pk", models.CharField()))
    count = Account.objects.filter(kind=Account.Kind.RESIDENT, subject_key__in=keys).count()
    return [_("已有%(count)d人开通了本人账号") % {"count": count}] if count else []


def _restore(cursor: Any, batch: ImportBatch) -> None:
    """Put back what `before` remembers."""
    plain = [
        f"{name} = (c.before->>'{name}'){'::date' if name == 'birth_date' else ''}" for name in PLAIN_COLUMNS
    ]
    sealed = [f"{name} = decode(c.before->>'{name}', 'base64')" for name in SEALED_COLUMNS]
    cursor.execute(
        f"UPDATE registry_person p SET {', '.join(plain + sealed)} FROM registry_importchange c "
        "WHERE c.batch_id = %s AND c.model = 'person' AND c.before IS NOT NULL AND c.object_id = p.id",
        [batch.pk],
    )
    cursor.execute(
        "UPDATE registry_education e SET graduated_on = (c.before->>'graduated_on')::date FROM registry_importchange c "
        "WHERE c.batch_id = %s AND c.model = 'education' AND c.before IS NOT NULL AND c.object_id = e.id",
        [batch.pk],
    )
