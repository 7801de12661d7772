from dataclasses import replace

import pytest

from clinic_claims.domain.denial_routes import Standing, Way, faults, ways
from clinic_claims.domain.denials import read
from clinic_claims.rulebook import load

BOOK = load()
PAID = Standing(network="in", stage="post_service", assigned=True)


def found(payer_class: str, carc: str, rarcs: tuple[str, ...] = (), standing: Standing = PAID) -> dict[str, Way]:
    reading = read(BOOK.denial_codes, "CO", [carc], rarcs)
    return {way.route.id: way for way in ways(BOOK.denial_routes.values(), reading, payer_class, standing)}


def open_ways(*args, **kwargs) -> list[str]:
    return [name for name, way in found(*args, **kwargs).items() if way.status == "open"]


@pytest.mark.parametrize(
    ("payer_class", "carc", "rarcs", "expected"),
    [
        ("medicare_ffs", "16", ("MA130",), ["send_again"]),
        ("medicare_ffs", "252", (), ["send_records"]),
        ("medicare_ffs", "50", (), ["redetermination"]),
        ("medicare_ffs", "4", (), ["clerical_error_reopening", "redetermination"]),
        ("commercial_fully_insured", "45", (), []),
        ("commercial_fully_insured", "109", (), ["other_payer", "provider_dispute", "member_appeal_insured"]),
        (
            "commercial_fully_insured",
            "50",
            (),
            ["peer_to_peer", "provider_dispute", "member_appeal_insured", "external_review_insured"],
        ),
        ("erisa_self_funded", "29", (), ["provider_dispute", "member_appeal_erisa"]),
        ("medicare_advantage_enrollee", "197", (), ["corrected_claim", "provider_dispute"]),
        ("tricare", "50", (), ["tricare_claim_review"]),
        ("fehb", "50", (), ["fehb_reconsideration"]),
        ("part_d", "50", (), ["part_d_redetermination"]),
        ("chip", "50", (), []),
    ],
)
def test_the_open_ways_of_a_contracted_clinic(
    payer_class: str, carc: str, rarcs: tuple[str, ...], expected: list[str]
) -> None:
    assert open_ways(payer_class, carc, rarcs) == expected


def test_a_tricare_network_provider_is_told_why_it_cannot_appeal() -> None:
    way = found("tricare", "50")["tricare_reconsideration"]
    assert way.status == "closed"
    assert "never a proper appealing party" in way.why
    outside = replace(PAID, network="out")
    assert open_ways("tricare", "50", standing=outside) == ["tricare_reconsideration"]


def test_a_non_contract_provider_needs_a_waiver() -> None:
    outside = replace(PAID, network="out")
    way = found("medicare_advantage_noncontract_provider", "50", standing=outside)["ma_noncontract"]
    assert (way.status, way.route.form) == ("open", "Signed Waiver of Liability")
    assert way.level == "medicare_advantage_noncontract_provider/1"


def test_a_claim_that_was_not_assigned_is_the_patients() -> None:
    patients = replace(PAID, assigned=False)
    assert open_ways("medicare_ffs", "50", standing=patients) == ["redetermination_for_patient"]


def test_before_the_service_the_treating_physician_may_ask() -> None:
    before = Standing(network="in", stage="pre_service")
    assert open_ways("medicare_advantage_enrollee", "39", standing=before) == ["peer_to_peer", "ma_pre_service"]


def test_a_remark_that_bars_appeal_closes_every_appeal() -> None:
    closed = found("medicare_ffs", "50", ("MA44",))["redetermination"]
    assert closed.status == "closed"
    assert "no right of appeal" in closed.why


def test_what_is_not_known_is_asked_for() -> None:
    way = found("tricare", "50", standing=Standing())["tricare_claim_review"]
    assert way.status == "ask"
    assert "network status" in way.why


def test_an_external_review_stays_shut_for_a_late_claim() -> None:
    assert "external_review_insured" not in found("commercial_fully_insured", "29")


def test_every_route_names_what_exists() -> None:
    def wrong(**changes) -> list[tuple[str, str]]:
        routes = {"r": replace(BOOK.denial_routes["redetermination"], **changes)}
        return list(faults(routes, BOOK.denial_codes.categories, BOOK.clocks.classes, BOOK.clocks.levels))

    assert not wrong()
    assert wrong(payer_classes=("nobody",)) == [("r", "payer_classes: nobody is not defined")]
    assert wrong(level="9") == [("r", "level: medicare_ffs has no level 9")]
    assert wrong(categories=("nonsense",)) == [("r", "categories: nonsense is not defined")]
    assert wrong(closed=None) == [("r", "closed: say why the route may be closed")]


@pytest.mark.parametrize("name", BOOK.denial_routes)
def test_every_route_opens_for_someone(name: str) -> None:
    route = BOOK.denial_routes[name]
    standing = Standing(network=route.network, stage=route.stage, assigned=route.assigned)
    lines = [(row.usual_group[0], [code], []) for code, row in BOOK.denial_codes.carcs.items()]
    readings = [
        read(BOOK.denial_codes, *line) for line in [*lines, ("CO", ["16"], ["MA130"]), ("CO", ["96"], ["N383"])]
    ]
    payer_class = next(iter(route.payer_classes), "medicare_ffs")
    assert any(way.status == "open" for one in readings for way in ways([route], one, payer_class, standing))
    assert route.source
