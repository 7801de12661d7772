"""Encrypt a file under a key kept apart: AES-256-GCM in parts, so that a large file needs little memory.

A sealed file is MAGIC, a salt, and parts of at most PART bytes, each with its tag. The key of a file is derived from
the kept key and its salt (HKDF-SHA256); a part's nonce is its number and whether it is the last, so that parts cannot
be swapped, repeated or cut off unseen.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"clinic-claims sealed 1\n"
KEY, SALT, PART, TAG = 32, 16, 2**20, 16  # bytes
TOLD = b"clinic-claims sealed file"  # what the derived key is for


class Sealed(Exception):
    """A file cannot be opened, or a key cannot be used; `reasons` say what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reasons = [reason]


def new_key(path: Path) -> None:
    """Write a new random key, readable by this account alone. Raises Sealed when the file exists."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        raise Sealed(f"{path} exists already; a key is never overwritten.") from None
    with os.fdopen(handle, "w") as file:
        file.write(f"{secrets.token_hex(KEY)}\n")


def read_key(path: Path) -> bytes:
    """Read a key of 64 hexadecimal digits. Raises Sealed."""
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY:
        raise Sealed(f"{path} holds no key of {KEY * 2} hexadecimal digits; `new-key FILE` makes one.")
    return key


def is_sealed(path: Path) -> bool:
    """Say whether a file was sealed."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def seal(source: Path, target: Path, key: bytes) -> None:
    """Write the sealed form of a file."""
    salt = secrets.token_bytes(SALT)
    cipher = _cipher(key, salt)
    with source.open("rb") as plain, target.open("wb") as sealed:
        sealed.write(MAGIC + salt)
        for nonce, part in _parts(plain, PART):
            sealed.write(cipher.encrypt(nonce, part, None))


def unseal(source: Path, target: Path, key: bytes) -> None:
    """Write the plain form of a sealed file. Raises Sealed for another key, and for a file changed or cut short."""
    with source.open("rb") as sealed, target.open("wb") as plain:
        sealed.seek(len(MAGIC))
        cipher = _cipher(key, sealed.read(SALT))
        try:
            for nonce, part in _parts(sealed, PART + TAG):
                plain.write(cipher.decrypt(nonce, part, None))
        except InvalidTag:
            raise Sealed(f"{source} was sealed with another key, or has been changed or cut short.") from None


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY, salt=salt, info=TOLD).derive(key))


def _parts(file: BinaryIO, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Read a file part by part, each with its nonce; an empty file is one empty part."""
    number, part = 0, file.read(size)
    while True:
        following = file.read(size)
        yield number.to_bytes(11) + bytes([not following]), part
        if not following:
            return
        number, part = number + 1, following
