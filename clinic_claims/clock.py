"""The time of day, asked in one place, so that a test can move it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app, has_app_context


def now() -> datetime:
    """Return the moment, aware, in UTC."""
    clock = current_app.config.get("CLOCK") if has_app_context() else None
    return clock() if clock else datetime.now(UTC)


def here() -> ZoneInfo:
    """Return the clinic's time zone."""
    return ZoneInfo(current_app.config["TIMEZONE"])


def day_of(moment: datetime) -> date:
    """Return the calendar day at the clinic of an aware moment: an evening's deed is not one of the next day."""
    return moment.astimezone(here()).date()


def today() -> date:
    """Return the calendar day at the clinic."""
    return day_of(now())
