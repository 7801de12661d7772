"""The menu: each person sees what their roles open."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request
from flask_login import current_user

from ..domain.permissions import Permission
from ..services import bar
from ..services.bar import Counted
from . import sessions
from .security import this_deed
from .worklist import covered


@dataclass(frozen=True)
class Item:
    """One entry of the menu; it stands where its page exists and the person may open it."""

    label: str
    endpoint: str
    icon: str
    permission: Permission

    @property
    def is_here(self) -> bool:
        """Say whether the page shown belongs to this entry."""
        here, own = (request.endpoint or "").split(".")[0], self.endpoint.split(".")[0]
        return UNDER.get(here, here) == own


UNDER = {
    "tables": "imports",
    "unmatched": "imports",
    "rejected": "imports",
    "paper_eobs": "imports",
    "batches": "worklist",
}  # pages of another entry's own

MENU = (
    Item("Today", "worklist.today", "list-check", Permission.CLAIM_READ),
    Item("Claims", "claims.index", "file-invoice", Permission.CLAIM_READ),
    Item("Approvals", "authorizations.index", "shield-check", Permission.CLAIM_READ),
    Item("Patients", "patients.index", "users", Permission.CLAIM_READ),
    Item("Vials", "vials.log", "pill", Permission.CLAIM_READ),
    Item("Payers", "payers.index", "building-hospital", Permission.CLAIM_READ),
    Item("Import", "imports.index", "upload", Permission.REMITTANCE_POST),
    Item("Reports", "reports.dashboard", "chart-bar", Permission.REPORT_READ),
    Item("Rules", "rules.index", "book", Permission.RULES_READ),
    Item("History", "audit.index", "history", Permission.AUDIT_READ),
    Item("People", "admin.users", "key", Permission.USER_ADMIN),
)


def init_app(app: Flask) -> None:
    """Make the menu, the person's rights and their preferences known to templates."""
    app.context_processor(_known_to_templates)


def _known_to_templates() -> dict[str, Any]:
    signed_in = current_user.is_authenticated and not current_user.must_change_password
    return {
        "menu": list(open_items()) if signed_in else [],
        "may": current_user.may if current_user.is_authenticated else lambda _: False,
        "theme": "dark" if request.cookies.get("theme") == "dark" else "light",
        "density": "compact" if request.cookies.get("density") == "compact" else "comfortable",
        "late_items": late_items,
        "notes_naming": lambda: counted().named,
        "unread_emergencies": unread_emergencies,
        "idle": int(sessions.IDLE.total_seconds()),
        "exists": lambda endpoint: endpoint in current_app.view_functions,
    }


def late_items() -> int:
    """Count what is late for the person signed in: everybody's for who plans the work, none for who sees no claims."""
    return counted().late if current_user.is_authenticated and current_user.may(Permission.CLAIM_READ) else 0


def unread_emergencies() -> int:
    """Count the emergencies that the person signed in should read about."""
    return counted().emergencies if current_user.may(Permission.EMERGENCY_REVIEW) else 0


def counted() -> Counted:
    """Return what is counted above the page for the person signed in; asked once a request."""
    if "counted" not in g:
        of_all = current_user.may(Permission.STEP_UNDO)
        g.counted = bar.count(current_user.id, () if of_all else covered(), this_deed(), of_all=of_all)
    return g.counted


def open_items() -> Iterator[Item]:
    """Give the entries whose page exists and opens to the person signed in."""
    for item in MENU:
        if item.endpoint in current_app.view_functions and current_user.may(item.permission):
            yield item
