"""Check the denial codes against a letter's words, and the combinations against their own examples."""

from .denial_codes import DenialCodes
from .denial_reading import UNCLASSIFIED, Reading
from .denials import read_line


def contradictions(codes: DenialCodes, reading: Reading, letter: str) -> tuple[str, ...]:
    """Name what the letter's words say when it is not what the codes say; empty when they agree or say nothing."""
    if reading.category == UNCLASSIFIED or codes.categories[reading.category].silent:
        return ()
    text = " ".join(letter.lower().split())
    said = {row: word for row in codes.letter_words.values() for word in row.words if word in text}
    if any(reading.category in (row.category, *row.agrees_with) for row in said):
        return ()
    name = codes.categories[reading.category].name
    return tuple(
        f'The letter says "{word}" ({codes.categories[row.category].name}), the codes say {name} '
        f"({', '.join(reading.deciding_codes)}): ask the payer which one stands, and answer both"
        for row, word in said.items()
    )


def failing_examples(codes: DenialCodes) -> tuple[str, ...]:
    """Return one sentence for each example of a combination that another rule decides."""
    return tuple(
        f"combination {row.id}: its example {example} is decided by {rule}"
        for row in codes.combinations.values()
        for example in row.examples
        if (rule := read_line(codes, example).rule) != row.id
    )
