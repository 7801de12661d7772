"""Fetch the vendored front-end files again, as `clinic_claims/static/vendor/vendor.lock.toml` lists them.

`./dev vendor` fetches each package with `npm pack`, refuses one whose tarball differs from the lock, and writes the
listed files. `./dev vendor --record` does the same after a version was changed by hand in the lock, and writes the new
hashes back into it. Needs npm and the network; nothing at run time or in the tests does.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "clinic_claims/static/vendor/vendor.lock.toml"
HEADER = """\
# What is vendored, from which release, and the hash of every file. `./dev vendor` fetches it all again.
# A file with `source` is copied from the release as it is; one with `icons` is the sprite made of those icons;
# one with neither is written by hand. To upgrade: change version and folder, then `./dev vendor --record`.
"""
SPRITE_HEAD = '<svg xmlns="http://www.w3.org/2000/svg">\n'
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
    ' stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>\n'
)


def main(arguments: list[str]) -> int:
    """Fetch every package of the lock; return 1 when one differs from it."""
    record = arguments == ["--record"]
    if arguments and not record:
        print("usage: ./dev vendor [--record]", file=sys.stderr)
        return 2
    packages = tomllib.loads(LOCK.read_text("utf-8"))["package"]
    faults = [fault for package in packages for fault in fetch(package, record)]
    if record:
        LOCK.write_text(HEADER + "".join(as_toml(package) for package in packages), "utf-8")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def fetch(package: dict[str, Any], record: bool) -> list[str]:
    """Write the files of one package; return what differs from the lock, in which case nothing is written."""
    spec = f"{package['name']}@{package['version']}"
    with tempfile.TemporaryDirectory() as folder:
        tarball = packed(spec, Path(folder))
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
        if not record and integrity != package["integrity"]:
            return [f"{spec} is not the release in the lock; nothing of it was written."]
        package["integrity"] = integrity
        release = unpacked(tarball)
    contents = {file["path"]: made(file, release, ROOT / package["folder"]) for file in package["file"]}
    return write(package, contents, record)


def write(package: dict[str, Any], contents: dict[str, bytes], record: bool) -> list[str]:
    """Write `contents` into the package's folder; return the files whose hash the lock does not have."""
    faults: list[str] = []
    for file in package["file"]:
        content = contents[file["path"]]
        digest = hashlib.sha256(content).hexdigest()
        if not record and digest != file["sha256"]:
            faults.append(f"{package['folder']}/{file['path']} is not the file in the lock and was not written.")
            continue
        file["sha256"] = digest
        target = ROOT / package["folder"] / file["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return faults


def packed(spec: str, folder: Path) -> Path:
    """Return the release's tarball, fetched by npm into `folder`."""
    subprocess.run(
        ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder), spec],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.tgz"))


def unpacked(tarball: Path) -> dict[str, bytes]:
    """Return every file of the release by its path."""
    with tarfile.open(tarball) as archive:
        opened = ((entry.name, archive.extractfile(entry)) for entry in archive if entry.isfile())
        return {name.partition("/")[2]: content.read() for name, content in opened if content is not None}


def made(file: dict[str, Any], release: dict[str, bytes], folder: Path) -> bytes:
    """Return the content of one listed file: copied, made of icons, or as it was written by hand."""
    if "source" in file:
        return release[file["source"]]
    if "icons" in file:
        return sprite(release, file["icons"])
    return (folder / file["path"]).read_bytes()


def sprite(release: dict[str, bytes], icons: list[str]) -> bytes:
    """Return one SVG file with a symbol for each icon, its id the icon's name."""
    symbols = [symbol(name, release[f"icons/outline/{name}.svg"].decode()) for name in sorted(icons)]
    return (SPRITE_HEAD + "".join(symbols) + "</svg>\n").encode()


def symbol(name: str, svg: str) -> str:
    """Return the icon's shapes as a symbol, without the invisible square that each icon starts with."""
    shapes = [" ".join(shape.split()) for shape in re.findall(r"<(?!/|svg|\?|!)[^>]*/>", svg)]
    return SYMBOL.format(name=name, shapes="".join(shape for shape in shapes if "M0 0h24v24H0z" not in shape))


def as_toml(package: dict[str, Any]) -> str:
    """Return the lock's text for one package; JSON strings and lists of strings are TOML as they are."""
    lines = ["", "[[package]]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in package.items() if key != "file"]
    for file in package["file"]:
        lines += ["", "[[package.file]]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in file.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
