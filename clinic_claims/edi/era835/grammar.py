"""Which elements of an 835 we read, as tables for the parser: one row a loop or a segment, one column a fact."""

import json
from functools import cache
from typing import Any

import oxedi

Column = dict[str, Any]


def _of(segment: str, element: int, component: int = 0, **where: str) -> Column:
    """Point at a segment of the row's own loop; `_1="QC"` asks for the one whose first element is QC."""
    column: Column = {"segment": segment, "element": element}
    if component:
        column["component"] = component
    if where:
        column["where"] = {key.removeprefix("_"): value for key, value in where.items()}
    return column


def _at(element: int) -> Column:
    """Point at an element of the row's own segment."""
    return {"element": element}


def _party(loop: str, segment: str, element: int, **where: str) -> Column:
    return {"loop": loop, **_of(segment, element, 0, **where)}


TABLES: dict[str, Any] = {
    "remittances": {
        "loops": ["transaction"],
        "ref": "remittance",
        "columns": {
            "control_number": _of("ST", 2),
            "trace": _of("TRN", 2),
            "originator": _of("TRN", 3),
            "produced_on": _of("DTM", 2, _1="405"),
            "payer_name": _party("1000A", "N1", 2),
            "payer_number": _party("1000A", "N1", 4),
            "payer_ref": _party("1000A", "REF", 2, _1="2U"),
            "payee_name": _party("1000B", "N1", 2),
            "payee_qualifier": _party("1000B", "N1", 3),
            "payee_number": _party("1000B", "N1", 4),
            "payee_tax_ref": _party("1000B", "REF", 2, _1="TJ"),
        },
    },
    "payments": {
        "loops": ["transaction"],
        "segment": "BPR",
        "columns": {"amount": _at(2), "method": _at(4), "paid_on": _at(16)},
    },
    "provider_adjustments": {
        "loops": ["transaction"],
        "segment": "PLB",
        "repeat": {"from": 3, "step": 2},
        "columns": {
            "provider": _at(1),
            "fiscal_period_end": _at(2),
            "reason": {"group_element": 0, "component": 1},
            "reference": {"group_element": 0, "component": 2},
            "amount": {"group_element": 1},
        },
    },
    "claims": {
        "loops": ["2100"],
        "ref": "claim",
        "columns": {
            "claim_number": _of("CLP", 1),
            "status": _of("CLP", 2),
            "charged": _of("CLP", 3),
            "paid": _of("CLP", 4),
            "patient_responsibility": _of("CLP", 5),
            "filing_code": _of("CLP", 6),
            "payer_control_number": _of("CLP", 7),
            "facility_code": _of("CLP", 8),
            "frequency": _of("CLP", 9),
            "received_on": _of("DTM", 2, _1="050"),
            "statement_from": _of("DTM", 2, _1="232"),
            "statement_to": _of("DTM", 2, _1="233"),
            "patient_last": _of("NM1", 3, _1="QC"),
            "patient_first": _of("NM1", 4, _1="QC"),
            "patient_id": _of("NM1", 9, _1="QC"),
            "insured_id": _of("NM1", 9, _1="IL"),
            "corrected_id": _of("NM1", 9, _1="74"),
            "rendering_qualifier": _of("NM1", 8, _1="82"),
            "rendering_id": _of("NM1", 9, _1="82"),
            "crossover_payer": _of("NM1", 3, _1="TT"),
        },
    },
    "lines": {
        "loops": ["2110"],
        "ref": "line",
        "columns": {
            "qualifier": _of("SVC", 1, 1),
            "procedure": _of("SVC", 1, 2),
            **{f"modifier_{n}": _of("SVC", 1, n + 2) for n in range(1, 5)},
            "charged": _of("SVC", 2),
            "paid": _of("SVC", 3),
            "revenue_code": _of("SVC", 4),
            "units": _of("SVC", 5),
            "bundled_from": _of("SVC", 6, 2),
            "units_billed": _of("SVC", 7),
            "allowed": _of("AMT", 2, _1="B6"),
            "served_on": _of("DTM", 2, _1="472"),
            "service_from": _of("DTM", 2, _1="150"),
            "service_to": _of("DTM", 2, _1="151"),
        },
    },
    "adjustments": {
        "loops": ["2100", "2110"],
        "segment": "CAS",
        "repeat": {"from": 2, "step": 3},
        "columns": {
            "group": _at(1),
            "carc": {"group_element": 0},
            "amount": {"group_element": 1},
            "quantity": {"group_element": 2},
        },
    },
    "remarks": {"loops": ["2110"], "segment": "LQ", "columns": {"qualifier": _at(1), "code": _at(2)}},
    "outpatient": {"loops": ["2100"], "segment": "MOA", "columns": {f"code_{n:02d}": _at(n) for n in range(3, 8)}},
    "inpatient": {
        "loops": ["2100"],
        "segment": "MIA",
        "columns": {f"code_{n:02d}": _at(n) for n in (5, 20, 21, 22, 23)},
    },
    "refs": {"loops": ["2100", "2110"], "segment": "REF", "columns": {"qualifier": _at(1), "value": _at(2)}},
}


@cache
def spec(version: str, *, tables: bool) -> oxedi.Spec:
    """Take the parser's own grammar of an 835 for a GS08 version, with our tables in place of its own, or with none.

    The parser's balancing rules are left out: `balance` checks the same sums on the finished records.
    """
    grammar = json.loads(oxedi.Spec.builtin("4010" if version.startswith("004010") else "5010").to_json())
    del grammar["balancing"]
    grammar["tables"] = TABLES if tables else {}
    for segment, element in (("SVC", "5"), ("SVC", "7"), ("CAS", "4")):
        grammar["segments"][segment]["elements"][element]["scale"] = 4  # units come in fractions, money in cents
    return oxedi.Spec.from_json(json.dumps(grammar))
