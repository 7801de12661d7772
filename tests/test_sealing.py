"""A sealed file opens with its key alone, and not at all once a bit of it has changed."""

import pytest

from clinic_claims import sealing
from clinic_claims.sealing import MAGIC, PART, SALT, TAG, Sealed

KEY = bytes(range(32))
HEAD = len(MAGIC) + SALT


@pytest.fixture(params=[0, 1, PART, PART + 1, 2 * PART])
def sealed(request, tmp_path):
    plain = tmp_path / "plain"
    plain.write_bytes(bytes(number % 251 for number in range(request.param)))
    sealing.seal(plain, tmp_path / "sealed", KEY)
    return plain.read_bytes(), tmp_path / "sealed"


def opened(path, key=KEY):
    target = path.with_name("opened")
    sealing.unseal(path, target, key)
    return target.read_bytes()


def test_what_was_sealed_opens(sealed):
    plain, path = sealed
    assert sealing.is_sealed(path)
    assert opened(path) == plain
    assert plain[:50] == b"" or plain[:50] not in path.read_bytes() or len(plain) < 10


def test_another_key_opens_nothing(sealed):
    with pytest.raises(Sealed, match="another key"):
        opened(sealed[1], bytes(32))


@pytest.mark.parametrize("place", [len(MAGIC), HEAD, -1])
def test_a_changed_bit_is_found(sealed, place):
    path = sealed[1]
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(Sealed, match="changed or cut short"):
        opened(path)


def test_parts_cannot_be_cut_off_or_swapped(tmp_path):
    plain = tmp_path / "plain"
    plain.write_bytes(b"a" * PART + b"b" * PART + b"c")
    sealing.seal(plain, tmp_path / "sealed", KEY)
    data, size = (tmp_path / "sealed").read_bytes(), PART + TAG
    first, second, last = data[HEAD : HEAD + size], data[HEAD + size : HEAD + 2 * size], data[HEAD + 2 * size :]
    for parts in ([first, second], [second, first, last], [first, last], [first, second, last, last]):
        (tmp_path / "other").write_bytes(data[:HEAD] + b"".join(parts))
        with pytest.raises(Sealed):
            opened(tmp_path / "other")


def test_a_key_is_made_once_for_this_account_alone(tmp_path):
    path = tmp_path / "key"
    sealing.new_key(path)
    assert (len(sealing.read_key(path)), path.stat().st_mode & 0o777) == (32, 0o400)
    with pytest.raises(Sealed, match="exists already"):
        sealing.new_key(path)


@pytest.mark.parametrize("words", ["", "00" * 31, "g" * 64, "ключ"])
def test_what_is_no_key_is_refused(tmp_path, words):
    (tmp_path / "key").write_text(words)
    with pytest.raises(Sealed, match="64 hexadecimal digits"):
        sealing.read_key(tmp_path / "key")
