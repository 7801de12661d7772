"""National Provider Identifiers: ten digits whose last one checks the others (45 CFR 162.406(a))."""

PREFIX = "80840"  # health cards of the United States, which the check digit counts in


def npi_fault(npi: str) -> str | None:
    """Say what is wrong with an NPI; None for one that can be."""
    if len(npi) != 10 or not (npi.isascii() and npi.isdecimal()):
        return "An NPI has ten digits."
    if _luhn(PREFIX + npi) % 10:
        return f"{npi} is no NPI: its last digit does not fit the others. Look for a slip."
    return None


def _luhn(digits: str) -> int:
    """Sum the digits from the right, every second one doubled and its own digits added."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total
