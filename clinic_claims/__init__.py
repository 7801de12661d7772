"""Clinic Claims tracks Botox and MVD claims from pre-approval to appeal.

Nothing heavy is imported here, so that `clinic-claims --help` answers at once.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

__version__ = "0.1.0"


def create_app(overrides: dict[str, Any] | None = None) -> "Flask":
    """Build the application from the environment's settings, with `flask db`; a test may override any of them.

    Raises RulebookError with every fault of the rule files, and WeakSecret in production.
    """
    from .application import build
    from .services import upkeep

    app = build(overrides)
    upkeep.attach(app)
    return app
