import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from jieban.base import keys, vault
from jieban.base.masking import mask_name, mask_numbers, mask_phone, normalize_phone
from jieban.base.vault import Unreadable

HEADER = 2 + len("k1")  # format, length of the id, id

Put = Callable[..., dict[str, Any]]


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def data_key(first: int, cipher: str = "aes-256-gcm") -> dict[str, str]:
    return {"cipher": cipher, "key": encoded(bytes([first]) + bytes(range(1, 32)))}


def put(path: Path, **changes: Any) -> dict[str, Any]:
    """Writes a key file with known keys and makes it the one in use."""
    content = {
        "current": "k1",
        "data": {"k1": data_key(1)},
        "index": encoded(b"i" * 32),
        "seal": encoded(b"s" * 32),
        "sign-in": encoded(b"l" * 32),
        **changes,
    }
    path.write_text(json.dumps(content))
    keys.load.cache_clear()
    return content


@pytest.fixture
def key_file(tmp_path: Path, settings: Any) -> Iterator[Put]:
    settings.KEY_FILE = tmp_path / "keys.json"
    put(settings.KEY_FILE)
    yield lambda **changes: put(settings.KEY_FILE, **changes)
    keys.load.cache_clear()


@given(st.text(), st.text())
def test_sealed_text_opens_again(text: str, purpose: str) -> None:
    assert vault.unseal(vault.seal(text, purpose), purpose) == text


@pytest.mark.parametrize("text", ["", "👩‍👩‍👧 三单元", "诉" * 200_000, "\x00", "\ud83d", "𠮷"])
def test_unusual_text_opens_again(text: str) -> None:
    assert vault.unseal(vault.seal(text, "text"), "text") == text


def test_sealed_value_as_the_database_returns_it_opens() -> None:
    assert vault.unseal(memoryview(vault.seal("张建国", "name")), "name") == "张建国"


def test_sealed_value_names_format_and_key_and_hides_the_text(key_file: Put) -> None:
    blob = vault.seal("10012345678", "phone")
    assert blob[:HEADER] == b"\x01\x02k1"
    assert len(blob) == HEADER + 12 + len("10012345678") + 16
    assert b"10012345678" not in blob


def test_same_text_is_sealed_differently_each_time() -> None:
    assert len({vault.seal("张建国", "name") for _ in range(1000)}) == 1000


@given(st.text(max_size=30), st.data())
def test_any_changed_byte_makes_it_unreadable(text: str, data: st.DataObject) -> None:
    blob = bytearray(vault.seal(text, "name"))
    place = data.draw(st.integers(0, len(blob) - 1))
    blob[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unreadable):
        vault.unseal(bytes(blob), "name")


@pytest.mark.parametrize("cipher", ["aes-256-gcm", "sm4-gcm"])
def test_every_changed_byte_and_every_cut_makes_it_unreadable(key_file: Put, cipher: str) -> None:
    key_file(data={"k1": data_key(1, cipher), "k0": data_key(1, cipher)})
    blob = vault.seal("张建国", "name")
    for place in range(len(blob)):
        damaged = blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]
        for wrong in (damaged, blob[:place], blob + b"\x00"):
            with pytest.raises(Unreadable):
                vault.unseal(wrong, "name")


def test_value_moved_to_another_column_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        vault.unseal(vault.seal("10012345678", "phone"), "name")


def test_error_does_not_carry_the_data() -> None:
    with pytest.raises(Unreadable) as raised:
        vault.unseal(vault.seal("张建国", "name"), "phone")
    assert str(raised.value) == "加密数据已损坏或存放位置不对，请从备份恢复。"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_older_key_still_opens_and_asks_for_the_new_one(key_file: Put) -> None:
    old = vault.seal("张建国", "name")
    assert not vault.needs_new_key(old)

    key_file(current="k2", data={"k1": data_key(1), "k2": data_key(2, "sm4-gcm")})

    assert vault.unseal(old, "name") == "张建国"
    assert vault.needs_new_key(old)
    new = vault.seal("张建国", "name")
    assert not vault.needs_new_key(memoryview(new))
    assert vault.unseal(new, "name") == "张建国"


def test_value_under_a_key_that_is_gone_is_unreadable(key_file: Put) -> None:
    old = vault.seal("张建国", "name")
    key_file(current="k2", data={"k2": data_key(2)})
    with pytest.raises(Unreadable, match="旧密钥"):
        vault.unseal(old, "name")
    assert vault.needs_new_key(old)


def test_needs_new_key_refuses_what_is_not_sealed() -> None:
    for wrong in (b"", b"\x01", b"\x02" + bytes(40), b"\x01\xff" + bytes(40)):
        with pytest.raises(Unreadable):
            vault.needs_new_key(wrong)


@given(st.text())
def test_sm4_opens_what_it_sealed(text: str) -> None:
    cipher = vault.CIPHERS["sm4-gcm"](bytes(range(32)))
    sealed = cipher.encrypt(b"n" * 12, text.encode(), b"name")
    assert cipher.decrypt(b"n" * 12, sealed, b"name").decode() == text


def test_sm4_gcm_agrees_with_the_published_example() -> None:
    """RFC 8998 appendix A.1."""
    cipher = vault.CIPHERS["sm4-gcm"](bytes.fromhex("0123456789ABCDEFFEDCBA9876543210" + "00" * 16))
    plain = bytes.fromhex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    )
    sealed = cipher.encrypt(
        bytes.fromhex("00001234567800000000ABCD"),
        plain,
        bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"),
    )
    assert sealed.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"k1": data_key(1, "rot13")}},
        {"data": {"k1": {"cipher": "aes-256-gcm", "key": encoded(b"short")}}},
        {"data": {"k1": {"key": encoded(bytes(32))}}},
        {"seal": encoded(b"short")},
        {"current": "k" * 300, "data": {"k" * 300: data_key(1)}},
        {"old_seal_public": {"x": encoded(b"short")}},
    ],
)
def test_unusable_key_is_refused_with_a_sentence(key_file: Put, changes: dict[str, Any]) -> None:
    key_file(**changes)
    with pytest.raises(keys.NoKeys, match="密钥文件"):
        vault.seal("张建国", "name")


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("10012345678", "10012345678"),
        ("１００１２３４５６７８", "10012345678"),
        (" 100 1234-5678 ", "10012345678"),
        ("100－1234—5678", "10012345678"),
        ("+86 100 1234 5678", "10012345678"),
        ("＋８６10012345678", "10012345678"),
        ("0086-10012345678", "10012345678"),
        ("8610012345678", "10012345678"),
        ("(+86)10012345678", "10012345678"),
        ("010012345678", "10012345678"),
        ("010-12345678", "01012345678"),
        ("（010）12345678", "01012345678"),
        ("+86 10 1234 5678", "01012345678"),
        ("+86 (0)10 12345678", "01012345678"),
        ("86-010-12345678", "01012345678"),
        ("0086 311 1234567", "03111234567"),
        ("010-82345678转801", "01082345678801"),
        ("86123456", "86123456"),
        ("+86 400 000 0000", "4000000000"),
        ("+86 12345", "12345"),
        ("12345", "12345"),
        ("+852 1000 0000", "0085210000000"),
        ("0085210000000", "0085210000000"),
        ("", ""),
        ("无", ""),
        ("+", ""),
    ],
)
def test_normal_phone_table(written: str, normal: str) -> None:
    assert normalize_phone(written) == normal
    assert bool(vault.blind_index(written)) == bool(normal)
    assert vault.blind_index(written) == vault.blind_index(normal)


@given(st.text())
def test_normal_phone_is_digits_only(text: str) -> None:
    assert normalize_phone(text).strip("0123456789") == ""


@given(st.from_regex(r"100[01][0-9]{7}", fullmatch=True), st.sampled_from(["", "+86", "0086", "86", "+86-"]))
def test_mobile_is_found_under_every_prefix(number: str, prefix: str) -> None:
    assert vault.blind_index(f"{prefix}{number[:3]} {number[3:7]}-{number[7:]}") == vault.blind_index(number)


def test_blind_index_depends_on_number_and_key(key_file: Put) -> None:
    first = vault.blind_index("10012345678")
    assert len(first) == 16
    assert vault.blind_index("10012345679") != first
    key_file(index=encoded(b"j" * 32))
    assert vault.blind_index("10012345678") != first


def test_commitment_worked_by_hand() -> None:
    parts = b"\0\0\0\0\0\0\0\x02ab" + b"\0\0\0\0\0\0\0\x04name" + b"\0\0\0\0\0\0\0\x03" + "张".encode()
    assert vault.commitment(b"ab", "name", "张") == hashlib.sha256(parts).hexdigest()


def test_commitment_differs_where_the_parts_are_cut_differently() -> None:
    assert vault.commitment(b"s", "ab", "c") != vault.commitment(b"s", "a", "bc")


def test_salts_are_16_bytes_and_never_the_same() -> None:
    salts = {vault.new_salt() for _ in range(1000)}
    assert len(salts) == 1000
    assert {len(salt) for salt in salts} == {16}


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张建国", "张**"),
        ("张三", "张*"),
        (" 张建国 ", "张**"),
        ("张", "*"),
        ("", ""),
        ("艾力·买买提", "艾**"),
    ],
)
def test_mask_name_table(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("10012345678", "100****5678"),
        ("+86 100 1234 5678", "100****5678"),
        ("010-12345678", "010****5678"),
        ("12345678", "12****78"),
        ("1234567", "12****67"),
        ("12345", "****"),
        ("无", "****"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_mask_phone_table(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


def test_signature_holds_for_this_message_only(key_file: Put) -> None:
    key_id, signature = vault.sign(b"head 17")
    assert key_id == hashlib.sha256(vault.public_key()).hexdigest()[:16]
    assert len(signature) == 64
    Ed25519PublicKey.from_public_bytes(vault.public_key()).verify(signature, b"head 17")
    assert vault.verify_signature(key_id, b"head 17", memoryview(signature))
    assert not vault.verify_signature(key_id, b"head 18", signature)
    assert not vault.verify_signature(key_id, b"head 17", signature[:-1])
    assert not vault.verify_signature(key_id, b"head 17", bytes(64))
    assert not vault.verify_signature("0" * 16, b"head 17", signature)


def test_signature_of_an_earlier_key_holds_while_its_public_key_is_listed(key_file: Put) -> None:
    key_id, signature = vault.sign(b"head 17")
    public = encoded(vault.public_key())

    key_file(seal=encoded(b"t" * 32))
    assert not vault.verify_signature(key_id, b"head 17", signature)

    key_file(seal=encoded(b"t" * 32), old_seal_public={key_id: public})
    assert vault.verify_signature(key_id, b"head 17", signature)
    assert vault.sign(b"head 17")[0] != key_id


def test_public_key_listed_under_anothers_id_is_not_believed(key_file: Put) -> None:
    key_id, _signature = vault.sign(b"head 17")
    other = Ed25519PrivateKey.from_private_bytes(os.urandom(32))
    public = encoded(other.public_key().public_bytes_raw())
    key_file(seal=encoded(b"t" * 32), old_seal_public={key_id: public})
    assert not vault.verify_signature(key_id, b"head 17", other.sign(b"head 17"))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("请打10001234567联系王女士", "请打100****67联系王女士"),
        ("138 0013 8000，晚上", "138****00，晚上"),
        ("+86 13800138000", "138****00"),
        ("座机010-68871234或68871234", "座机010****34或688****34"),
        ("身份证110107199001011234", "身份证110****34"),
        ("身份证11010719900101123X。", "身份证110****3X。"),
        ("１３８００１３８０００", "１３８****００"),
        ("卡号6222020200001234567", "卡号622****67"),
        ("2026年11月24日，20261124，2026-11-24 14:02", "2026年11月24日，20261124，2026-11-24 14:02"),
        (
            "单号SJ20261124-00417-6、12号楼3单元1204、缴费3500.50元",
            "单号SJ20261124-00417-6、12号楼3单元1204、缴费3500.50元",
        ),
    ],
)
def test_numbers_in_a_text_are_masked_and_dates_are_not(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked
