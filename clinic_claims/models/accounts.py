"""People who sign in, their roles, their open sessions, invitations, emergency access, and counts at the door."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_security.models import sqla_v2 as library
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from ..clock import now
from ..db import Model, db
from ..domain.permissions import IN_AN_EMERGENCY, Permission, granted_to

library.FsModels.set_db_info(  # pyright: ignore[reportPrivateImportUsage] (documented, yet not exported)
    base_model=db.Model,
    user_table_name="app_user",
    role_table_name="role",
    webauthn_table_name="passkey",
    refresh_table_name="refresh_token",
)


class Stamped:
    """When the row was made and last changed; the library's own columns know no time zone."""

    create_datetime: Mapped[datetime] = mapped_column(default=now)
    update_datetime: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class Role(Stamped, library.FsRoleMixin, Model):
    """A role by name. What it may do stands in `domain/permissions.py`, not in the database."""

    permissions = None  # pyright: ignore[reportAssignmentType] (drops the library's column)

    def get_permissions(self) -> set[str]:
        """Return the permissions of the table, for the library's own checks."""
        return set(granted_to([self.name]))


class User(Stamped, library.FsUserMixin, Model):
    """One person, never shared, never deleted: a person who left is disabled, so that history keeps a name."""

    __tablename__ = "app_user"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower_case"),)

    full_name: Mapped[str]
    initials: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(default=True)
    last_code: Mapped[int | None]  # counter of the last code taken from an authenticator: no code works twice
    toured_at: Mapped[datetime | None]  # when the person had seen the tour of the first day
    sso_subject: Mapped[str | None] = mapped_column(unique=True)  # issuer and subject at the clinic's identity provider
    emergencies: Mapped[list["EmergencyAccess"]] = relationship(
        back_populates="user", foreign_keys="EmergencyAccess.user_id", order_by="EmergencyAccess.id"
    )

    if TYPE_CHECKING:  # declared by the library's mixin in a way a type checker cannot follow
        roles: Mapped[list[Role]]  # pyright: ignore[reportIncompatibleVariableOverride]
        webauthn: Mapped[list["WebAuthn"]]  # pyright: ignore[reportIncompatibleVariableOverride]

        def __init__(self, **values: Any) -> None: ...

    @validates("email")
    def lower_case(self, _: str, email: str) -> str:
        """Keep e-mail addresses in lower case, so that one person is one account."""
        return email.strip().lower()

    @property
    def role_names(self) -> list[str]:
        """Return the names of the roles, in order."""
        return sorted(role.name for role in self.roles)

    def may(self, permission: Permission | str) -> bool:
        """Say whether one of the person's roles grants this, or emergency access that is open now."""
        granted = granted_to(self.role_names)
        if permission in granted:
            return True
        return permission in IN_AN_EMERGENCY and Permission.EMERGENCY_OPEN in granted and self.emergency is not None

    @property
    def emergency(self) -> "EmergencyAccess | None":
        """Return the emergency access that is open now, if any."""
        last = self.emergencies[-1] if self.emergencies else None
        return last if last and last.opened_at <= now() < last.ends_at else None  # even if the clock jumps back


class WebAuthn(Stamped, library.FsWebAuthnMixin, Model):
    """A passkey of a person."""

    __tablename__ = "passkey"


class FsRefreshTracker(Stamped, library.FsRefreshTrackerMixin, Model):
    """A token of a program that signs in; the library wants the table, nothing issues tokens yet."""

    __tablename__ = "refresh_token"


class UserSession(Model):
    """One signed-in (or signing-in) browser. The key is the SHA-256 of the cookie, so a stolen copy opens nothing."""

    __tablename__ = "user_session"

    key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    data: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str | None]  # where it was opened from, so that people know their own sessions
    agent: Mapped[str | None]
    user: Mapped[User | None] = relationship(viewonly=True)


class SignInTries(Model):
    """Wrong tries for one e-mail address, known or not, so that the answer never tells which."""

    __tablename__ = "sign_in_tries"

    key: Mapped[str] = mapped_column(primary_key=True)  # SHA-256 of the address in lower case
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class Invitation(Model):
    """A link with which a person chooses a first password: one use, 48 hours. The key is the SHA-256 of the link."""

    __tablename__ = "invitation"

    key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    ends_at: Mapped[datetime]
    user: Mapped[User] = relationship()


class EmergencyAccess(Model):
    """Somebody without a clinical view opened patient data for an hour, with a reason that a manager reads."""

    __tablename__ = "emergency_access"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reviewed_at: Mapped[datetime | None] = mapped_column(index=True)
    reviewed_by: Mapped[str | None]
    user: Mapped[User] = relationship(back_populates="emergencies", foreign_keys=[user_id])


class Throttle(Model):
    """How often something was done since a moment: sign-in by address, search and export by person."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=0)
