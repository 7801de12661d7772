"""The days on which US federal offices, and so most payers, are closed."""

from datetime import date

import holidays

_federal = holidays.country_holidays("US", observed=True)


def federal_holiday(day: date) -> bool:
    """Tell whether the day is a US federal holiday or the day it is observed on."""
    return day in _federal
