"""Accounts: who may sign in, and as what."""

from typing import TYPE_CHECKING, Any

import click

from .common import AS_JSON, application, show

if TYPE_CHECKING:
    from ..models import User

EMAIL = click.argument("email")


@click.group()
def user() -> None:
    """Add, list, disable, enable or reset accounts.

    Example: clinic-claims user list
    """


@user.command()
@EMAIL
@click.option("--name", required=True, help="Full name, as the history will show it.")
@click.option("--role", "roles", multiple=True, required=True, help="biller, physician, manager …; may repeat.")
def add(email: str, name: str, roles: tuple[str, ...]) -> None:
    """Add a person and print the one-time password, which is shown only now.

    Example: clinic-claims user add d.park@example.com --name "Dana Park" --role biller
    """
    from ..db import transaction
    from ..services import accounts

    with application() as (_, deed), transaction():
        _, password = accounts.add_user(name, email, roles, deed)
    _hand_out(email.strip().lower(), password)


@user.command("list")
@AS_JSON
def list_users(as_json: bool) -> None:
    """List every account with its roles.

    Example: clinic-claims user list --json
    """
    from ..services import accounts

    with application(only_reads=True):
        found = accounts.list_users()
        if as_json:
            return show([_account(row) for row in found])
        for row in found:
            state = "" if row.active else "  disabled"
            click.echo(f"{row.email:<34} {row.full_name:<24} {', '.join(row.role_names)}{state}")


def _account(user: "User") -> dict[str, Any]:
    return {"email": user.email, "name": user.full_name, "roles": user.role_names, "active": user.active}


@user.command()
@EMAIL
def disable(email: str) -> None:
    """Close an account and sign the person out everywhere.

    Example: clinic-claims user disable d.park@example.com
    """
    from ..db import transaction
    from ..services import accounts

    with application() as (_, deed), transaction():
        accounts.disable(accounts.get_user(email), deed)
    click.echo(f"{email}: disabled")


@user.command()
@EMAIL
def enable(email: str) -> None:
    """Open a disabled account again.

    Example: clinic-claims user enable d.park@example.com
    """
    from ..db import transaction
    from ..services import accounts

    with application() as (_, deed), transaction():
        accounts.enable(accounts.get_user(email), deed)
    click.echo(f"{email}: enabled")


@user.command()
@EMAIL
def reset(email: str) -> None:
    """Give a person a new one-time password, which is shown only now.

    Example: clinic-claims user reset d.park@example.com
    """
    from ..db import transaction
    from ..services import accounts

    with application() as (_, deed), transaction():
        password = accounts.reset_password(accounts.get_user(email), deed)
    _hand_out(email, password)


def _hand_out(email: str, password: str) -> None:
    click.echo(f"{email}: one-time password {password} (to be changed at the first sign-in)")


COMMANDS = (user,)
