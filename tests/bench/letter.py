"""How fast letters are printed, beside WeasyPrint itself on the same pages and beside a browser's printing."""

import resource
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path

from clinic_claims import pdf, press, rulebook
from clinic_claims.domain import letters
from clinic_claims.domain.facts import LetterFacts
from clinic_claims.examples import facts_example
from clinic_claims.reading import from_json

from .harness import Figure, Results, interleaved, seconds

CASE = "appeal_toxin_approved"
BATCH = 200
CHROMIUM = (
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
)


def compose() -> letters.Letter:
    return letters.compose(from_json(facts_example(CASE), LetterFacts), rulebook.load().letters, "appeal")


def ours() -> bytes:
    return pdf.pdf(compose())


def bare(page: str) -> bytes:
    """WeasyPrint with the very same page, style sheet and fonts, and nothing of ours around it."""
    fetcher = press.Offline({name: press._FONTS / name for name in press.FAMILIES})
    sheet = press._press.sheet(pdf.LETTERS / "letter.css", fetcher)
    document = press.HTML(string=page, url_fetcher=fetcher)
    return document.write_pdf(stylesheets=[sheet], font_config=press._press.fonts, pdf_variant="pdf/ua-1")


def one(_: int) -> int:
    return len(ours())


def peak(_: int) -> float:
    """Megabytes at most that this worker has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(results: Results) -> None:
    page = pdf.html(compose())
    warm = interleaved(12, {"ours": ours, "floor": lambda: bare(page)})
    results.add(Figure("letter, warm", warm["ours"], warm["floor"], "ms", "<= 1.10", "floor: bare WeasyPrint"))
    _one_shot(results, page)
    _batch(results, warm["ours"])


def _one_shot(results: Results, page: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        facts, source = Path(folder, "facts.json"), Path(folder, "page.html")
        source.write_text(page, "utf-8")
        command = [sys.executable, "-m", "clinic_claims.cli", "letter"]
        facts.write_bytes(subprocess.check_output([*command, "--facts-example", CASE]))
        floor = f"from weasyprint import HTML; HTML(filename={str(source)!r}).write_pdf({folder!r} + '/floor.pdf')"
        works = {
            "ours": lambda: _run([*command, "--facts", str(facts), "--out", f"{folder}/ours.pdf"]),
            "floor": lambda: _run([sys.executable, "-c", floor]),
            "browser": lambda: _run(
                [*CHROMIUM, f"--print-to-pdf={folder}/browser.pdf", f"--user-data-dir={folder}/u", str(source)]
            ),
        }
        once = interleaved(3, works)
    results.add(
        Figure("letter, one process each", once["ours"], once["floor"], "ms", "", "floor: bare WeasyPrint"),
        Figure("letter, one process each", once["ours"], once["browser"], "ms", "", "floor: Chromium"),
    )


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _batch(results: Results, warm_ms: float) -> None:
    """All cores against cores × one worker's rate, and what a worker holds at the end."""
    cores = cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        list(pool.map(one, range(cores)))  # every worker has printed once
        spent = seconds(lambda: list(pool.map(one, range(BATCH), chunksize=5)))
        held = max(pool.map(peak, range(cores * 4)))
    rate, ideal = BATCH / spent, cores * 1000 / warm_ms
    results.add(
        Figure(f"batch of {BATCH} on {cores} cores", rate, ideal, "/s", ">= 0.9", "floor: cores x one worker"),
        Figure("memory of a worker after the batch", held, held, "MB"),
    )
