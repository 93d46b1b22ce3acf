"""What a column constraint cannot hold: a certificate named beside a person must be that person's own."""

from __future__ import annotations

import pgtrigger


def certificate_is_own(name: str) -> pgtrigger.Trigger:
    """Refuse a row whose certificate was issued to somebody else, with a sentence."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.certificate_id IS NOT NULL"),
        func=f"""
            PERFORM 1 FROM skills_certificate
              WHERE id = NEW.certificate_id AND person_id = NEW.person_id;
            IF NOT FOUND THEN
                RAISE EXCEPTION '所填证书不是本人的；请核对证书编号。'
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
            END IF;
            RETURN NEW;
        """,
    )
