"""Print what the rules on security ask for, and the test that holds each."""

from dataclasses import asdict, dataclass
from importlib import resources

import click

from .common import AS_JSON, show


@dataclass(frozen=True)
class Safeguard:
    """One demand, where it stands, and the tests that hold it; or what holds it instead."""

    says: str
    hipaa: str = ""  # section of 45 CFR 164
    asvs: str = ""  # OWASP ASVS 5.0.0
    proposed: bool = False  # the law only proposes it
    tests: tuple[str, ...] = ()  # below the folder tests
    stands: str = ""


@dataclass(frozen=True)
class Table:
    """The whole file."""

    safeguard: tuple[Safeguard, ...]


@click.command()
@AS_JSON
def safeguards(as_json: bool) -> None:
    """List what HIPAA and OWASP ASVS ask for, and the test that holds each.

    Example: clinic-claims safeguards
    """
    found = load()
    if as_json:
        return show([asdict(one) for one in found])
    for one in found:
        click.echo(f"{one.says}\n    {_source(one)}")
        for held in one.tests or (one.stands,):
            click.echo(f"    {held}")
    click.echo(f"{len(found)} safeguards, {sum(bool(one.tests) for one in found)} held by tests.")


def load() -> tuple[Safeguard, ...]:
    """Read the table. Raises Misread with every fault."""
    import tomllib

    from ..reading import from_toml

    text = resources.files("clinic_claims").joinpath("safeguards.toml").read_text("utf-8")
    return from_toml(tomllib.loads(text), Table).safeguard


def _source(one: Safeguard) -> str:
    law = f"45 CFR 164.{one.hipaa}" + (" (proposed in part)" if one.proposed else "") if one.hipaa else ""
    return "; ".join(filter(None, (law, f"ASVS {one.asvs}" if one.asvs else "")))


COMMANDS = (safeguards,)
