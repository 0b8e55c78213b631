"""Encryption of personal data at rest (authenticated), blind index for search, commitments, and signatures.

A sealed value is: format (1 byte), length of the key id (1), key id, nonce (12), ciphertext and tag (16).
The purpose ("phone") and everything before the nonce are authenticated with it, so that a value moved to
another column, or relabelled with another key, cannot be decrypted. Nonces are random: one key is good for 2**32
values, far more than a district has; change the key before that.
"""

import hashlib
import hmac
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext as _

from jieban.base import keys
from jieban.base.masking import normalize_phone

FORMAT = 1
NONCE = 12  # bytes
TAG = 16
KEY = 32

Blob: TypeAlias = bytes | bytearray | memoryview


class Unreadable(Exception):
    """Error: a sealed value cannot be decrypted: damaged, moved to another column, or its key is missing.

    Not caused by the user, so no `Refused`; the message never contains the value.
    """

    status = 500
    code = "unreadable"


class _Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class _Sm4Gcm:
    """SM4 (GB/T 32907) in GCM mode. Its key is the first 16 of the 32 bytes in the key file."""

    def __init__(self, key: bytes) -> None:
        self._sm4 = algorithms.SM4(key[:16])

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        context = Cipher(self._sm4, modes.GCM(nonce)).encryptor()
        context.authenticate_additional_data(associated_data or b"")
        return context.update(data) + context.finalize() + context.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        context = Cipher(self._sm4, modes.GCM(nonce, data[-TAG:])).decryptor()
        context.authenticate_additional_data(associated_data or b"")
        return context.update(data[:-TAG]) + context.finalize()


CIPHERS: dict[str, Callable[[bytes], _Aead]] = {"aes-256-gcm": AESGCM, "sm4-gcm": _Sm4Gcm}


@dataclass(frozen=True)
class _KeyRing:
    """Key ring: the keys of the key file, as cipher objects."""

    source: dict[str, Any]
    header: bytes  # of every value sealed now
    current: _Aead
    data: dict[bytes, _Aead]  # by key id
    index: bytes
    seal: Ed25519PrivateKey
    seal_id: str
    seal_public: dict[str, Ed25519PublicKey]  # by key id, with those of earlier seal keys


_cached_ring: _KeyRing | None = None


def _ring() -> _KeyRing:
    """Cached key ring, one per content of the key file; `keys.load` returns the same object until it is read anew."""
    global _cached_ring
    source = keys.load(settings.KEY_FILE)
    ring = _cached_ring
    if ring is None or ring.source is not source:
        ring = _cached_ring = _build(source)
    return ring


def _build(source: dict[str, Any]) -> _KeyRing:
    try:
        data = {name.encode(): _cipher(entry) for name, entry in source["data"].items()}
        current = source["current"].encode()
        index, seed = keys.decode_keys(source["index"], source["seal"])
        seal = Ed25519PrivateKey.from_private_bytes(seed)
        older = [
            Ed25519PublicKey.from_public_bytes(keys.decode_keys(encoded)[0])
            for encoded in source.get("old_seal_public", {}).values()
        ]
        header = bytes([FORMAT, len(current)]) + current
    except (ValueError, KeyError, TypeError, AttributeError):
        raise keys.NoKeys(_("密钥文件中的密钥或算法不正确，请从备份恢复密钥文件。")) from None
    # The id is worked out from each key, not taken from the file: a key listed under another's id is not it.
    public = {_id_of(key): key for key in (*older, seal.public_key())}
    return _KeyRing(source, header, data[current], data, index, seal, _id_of(seal.public_key()), public)


def _cipher(entry: dict[str, str]) -> _Aead:
    key = keys.decode_keys(entry["key"])[0]
    if len(key) != KEY:
        raise ValueError
    return CIPHERS[entry["cipher"]](key)


def seal(text: str, purpose: str) -> bytes:
    """Encrypts and authenticates a text with the current key, for a column of this purpose."""
    return seal_bytes(_bytes(text), purpose)


def seal_bytes(content: bytes, purpose: str) -> bytes:
    """Encrypts and authenticates bytes, such as those of a file."""
    ring = _ring()
    nonce = os.urandom(NONCE)
    return ring.header + nonce + ring.current.encrypt(nonce, content, ring.header + _bytes(purpose))


def unseal(blob: Blob, purpose: str) -> str:
    """Decrypts a text that was sealed for this purpose, with the current or an older key. Raises Unreadable."""
    return unseal_bytes(blob, purpose).decode("utf-8", "surrogatepass")


def unseal_bytes(blob: Blob, purpose: str) -> bytes:
    """Decrypts bytes that were sealed for this purpose. Raises Unreadable."""
    blob = bytes(blob)
    end, key_id = _key_id(blob)
    cipher = _ring().data.get(key_id)
    if cipher is None:
        raise Unreadable(_("解密所需的密钥不在密钥文件中，请补上旧密钥后重试。"))
    try:
        return cipher.decrypt(blob[end : end + NONCE], blob[end + NONCE :], blob[:end] + _bytes(purpose))
    except InvalidTag:
        raise Unreadable(_("加密数据已损坏或存放位置不对，请从备份恢复。")) from None


def needs_new_key(blob: Blob) -> bool:
    """Whether the value is encrypted with an earlier key and must be re-encrypted. Raises Unreadable."""
    blob = bytes(blob)
    end, _key = _key_id(blob)
    return blob[:end] != _ring().header


def _key_id(blob: bytes) -> tuple[int, bytes]:
    """Parses the header: where it ends, and the key that it names."""
    if len(blob) < 2 or blob[0] != FORMAT or len(blob) < 2 + blob[1] + NONCE + TAG:
        raise Unreadable(_("加密数据不完整，请从备份恢复。"))
    end = 2 + blob[1]
    return end, blob[2:end]


def _bytes(text: str) -> bytes:
    # Half a surrogate pair, from a broken import, is kept as it came rather than refused.
    return text.encode("utf-8", "surrogatepass")


def blind_index(phone: str) -> bytes:
    """Blind index: 16 bytes by which rows of the same number are found without storing it; empty without a number."""
    number = normalize_phone(phone)
    return hmac.digest(_ring().index, number.encode(), "sha256")[:16] if number else b""


def new_salt() -> bytes:
    """Salt for a commitment: 16 random bytes, erased together with the text."""
    return os.urandom(16)


def commitment(salt: bytes, name: str, text: str) -> str:
    """Commitment that the history keeps instead of a personal text: hexadecimal SHA-256 of salt, field name and text.

    Each part is prefixed with its length (8 bytes), so that no two different triples give the same bytes. Without
    the salt the text cannot be found by trying likely ones.
    """
    whole = hashlib.sha256()
    for part in (salt, _bytes(name), _bytes(text)):
        whole.update(struct.pack(">Q", len(part)) + part)
    return whole.hexdigest()


def sign(message: bytes) -> tuple[str, bytes]:
    """Signs a message: the seal key's id and an Ed25519 signature (64 bytes)."""
    ring = _ring()
    return ring.seal_id, ring.seal.sign(message)


def verify_signature(key_id: str, message: bytes, signature: Blob) -> bool:
    """Verifies a signature by the seal key of that id, the current or a listed earlier one."""
    key = _ring().seal_public.get(key_id)
    if key is None:
        return False
    try:
        key.verify(bytes(signature), message)
    except InvalidSignature:
        return False
    return True


def public_key() -> bytes:
    """Public key (32 bytes) for checking seals made now; published with them."""
    return _ring().seal.public_key().public_bytes_raw()


def _id_of(key: Ed25519PublicKey) -> str:
    """Key id: the first 16 hexadecimal digits of the SHA-256 of the public key."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]
