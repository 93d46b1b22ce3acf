"""Protected numbers at rest: ciphertext in the table, found by their index, and tampering noticed."""

from __future__ import annotations

import pytest
from django.db import connection

from jiuye.office.registry.models import Person
from jiuye.office.registry.secrets import (
    UnreadableSecretError,
    blind_index,
    mask_id_number,
    mask_name,
    mask_phone,
    seal,
    seal_bytes,
    unseal,
    unseal_bytes,
)
from tests.office.registry.conftest import id_number


def stored(person: Person, column: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM registry_person WHERE id = %s", [person.pk])
        return bytes(cursor.fetchone()[0])


def test_the_table_holds_no_number_in_clear(make_person):
    person = make_person(phone="13812345678", bank_account="6222021001116245")
    for column, clear in (
        ("id_number", person.id_number),
        ("phone", "13812345678"),
        ("bank_account", "6222021001116245"),
    ):
        content = stored(person, column)
        assert clear.encode() not in content
        assert unseal(content) == clear


def test_the_audit_trail_holds_no_number_in_clear_either(make_person):
    person = make_person(phone="13812345678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, phone FROM registry_personevent WHERE pgh_obj_id = %s", [person.pk])
        (row,) = cursor.fetchall()
    assert [unseal(bytes(value)) for value in row] == [person.id_number, "13812345678"]
    assert person.id_number.encode() not in bytes(row[0])


def test_equal_numbers_have_different_ciphertexts_and_equal_indexes():
    assert seal("321002199001021234") != seal("321002199001021234")
    assert blind_index("32100219900102123x") == blind_index(" 32100219900102123X ")
    assert blind_index("1") != blind_index("2")


def test_a_person_is_found_by_the_index_of_the_number(make_person):
    person, number = make_person(id_number=id_number()), id_number()
    make_person("别人")
    assert Person.objects.get(id_number_index=blind_index(number.lower())) == person


def test_the_index_needs_its_key(settings):
    before = blind_index("321002199001021234")
    settings.INDEX_KEY = bytes(32)
    assert blind_index("321002199001021234") != before


def test_a_changed_ciphertext_is_noticed_and_not_read_as_something_else():
    sealed = bytearray(seal("321002199001021234"))
    sealed[-1] ^= 1
    with pytest.raises(UnreadableSecretError, match="JIUYE_DATA_KEY_1"):
        unseal(bytes(sealed))


def test_a_ciphertext_that_was_cut_off_is_noticed():
    with pytest.raises(UnreadableSecretError):
        unseal_bytes(seal_bytes(b"x" * 100)[:20])


def test_tampering_in_the_table_is_noticed_when_the_person_is_read(make_person):
    person = make_person()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registry_person SET id_number = set_byte(id_number, 35, 1) WHERE id = %s", [person.pk]
        )
    with pytest.raises(UnreadableSecretError):
        Person.objects.get(pk=person.pk)


def test_an_older_key_still_opens_what_it_sealed(settings):
    old = seal("旧")
    settings.DATA_KEYS = {**settings.DATA_KEYS, 2: bytes(16)}
    assert unseal(old) == "旧"
    assert seal("新")[0] == 2
    settings.DATA_KEYS = {2: bytes(16)}
    with pytest.raises(UnreadableSecretError, match="第 1 版"):
        unseal(old)


def test_masks_keep_what_tells_people_apart_and_no_more():
    assert mask_id_number("321002199001021234") == "321*************34"
    assert mask_phone("13812345678") == "138****5678"
    assert (mask_name("张秀兰"), mask_name("𠮷野"), mask_name("张"), mask_name("")) == (
        "张**",
        "𠮷*",
        "张*",
        "",
    )


def test_a_model_that_is_cleaned_keeps_its_sealed_text(make_person):
    person = make_person(phone="13812345678")
    person.full_clean()
    person.save()
    assert Person.objects.get(pk=person.pk).phone == "13812345678"
