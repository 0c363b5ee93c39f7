"""The pictures of the documentation, taken by hand: `.venv/bin/python -m tests.browser.make_screenshots`.

The demonstration's pages, then the two lives that the tests play, step by step, with the page that tells them.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from casework.applications import Application
from casework.clock import FixedClock, SystemClock
from casework.db import make_engine, make_sessions
from casework.settings import Settings
from tests.browser import test_life_3_7, test_life_3_10
from tests.browser.person import DESK, PHONE, Person
from tests.browser.service import Service, running
from tests.browser.stage import Stage
from tests.support import chromium, template

DOCS = Path(__file__).resolve().parents[2] / "docs"
IMAGES = DOCS / "images"
COLOURS = 256
STEP_WIDTH = 960
TALLEST = 1500
FRENCH = {**os.environ, "LANGUAGE": "fr", "LANG": "fr_FR.UTF-8"}
"""The browser's own controls, those of dates, are in French too."""

TOUR: tuple[tuple[str, str, str, str], ...] = (
    ("accueil", "", "/", ""),
    ("a-faire", "Claire Aubancourt", "/a-faire", ""),
    ("dossiers", "Claire Aubancourt", "/dossiers", ""),
    ("case", "Claire Aubancourt", "/dossiers/{}", "instruction"),
    ("historique", "Claire Aubancourt", "/dossiers/{}/historique", "closed"),
    ("budget", "Claire Aubancourt", "/dossiers/{}/instruction", "instructed"),
    ("avis", "Agnès Boursinval", "/dossiers/{}/avis", "slai_opinion"),
    ("versements", "Paul Estrévelle", "/versements", ""),
    ("participants", "Claire Aubancourt", "/dossiers/{}/participants", "execution"),
)
"""Name of the picture, who looks, the address, the state of the case that is shown."""

STEPS = {
    "3-10": (
        ("brouillon", "Le porteur, inscrit par son SIRET, ouvre un brouillon et voit ce qui reste à compléter."),
        ("budget", "Un montant écrit en lettres est signalé sur sa ligne ; les totaux suivent la saisie."),
        ("complet", "La demande est complète : il reste deux actes, déposer puis valider."),
        ("valide", "Validé avant la clôture, le dossier part au Département ; l’accusé de réception est prêt."),
        ("a-faire", "La chargée de mission trouve le dossier dans ce qu’elle a à faire."),
        ("recevabilite", "Une correction a été demandée et apportée ; l’alerte s’accepte avec un nom."),
        ("instruction", "L’instruction est terminée : montant proposé, calcul, rapport."),
        ("convention", "Les deux signatures sont enregistrées."),
        ("avance", "La finance a ordonné puis payé l’avance : l’opération est en cours."),
        ("bilan", "L’opération terminée, le porteur remet son bilan final."),
        ("controle", "Le contrôle compare ce qui est déclaré et ce qui est accepté."),
        ("versements", "Le solde est calculé, ordonné et payé."),
        ("clos", "Le dossier est clos ; le porteur peut tout relire."),
        ("historique", "L’auditeur relit toute l’histoire, enchaînée et vérifiée."),
    ),
    "3-7": (
        ("co-porteurs", "Deux structures portent la demande ensemble."),
        ("budget", "La demande dépasse le plafond : elle reste possible, le maximum est annoncé."),
        ("avis", "Convergence rend son avis ; un avis défavorable s’explique."),
        ("plafond", "Au-dessus du plafond de la fiche, le montant est refusé sur son champ, le rapport est gardé."),
        ("decision", "La responsable accorde la subvention : la convention est à signer."),
        ("bilan", "Le bilan remis montre moins de dépenses que prévu."),
        ("reversement", "L’avance dépasse ce qui est dû : un reversement est demandé."),
        ("co-porteur", "La structure d’hébergement suit le dossier jusqu’à sa clôture."),
        ("historique", "L’histoire entière, avec l’avis redemandé et le reversement."),
    ),
}
TITLES = {"3-10": "Une demande 3.10, du brouillon au solde", "3-7": "Une demande 3.7 à deux, jusqu’au reversement"}


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="casework-images-") as folder:
        path = chromium.executable(playwright.chromium.executable_path)
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=sandbox, env=FRENCH)
        if "--lives-only" not in sys.argv:
            _tour(browser, Path(folder) / "demo")
        for name, play in (("3-10", test_life_3_10.play), ("3-7", test_life_3_7.play)):
            _life(browser, Path(folder) / name, name, play)
        browser.close()
    _write_story()


def _tour(browser: Browser, folder: Path) -> None:
    """The demonstration as `make demo` builds it, on 15 May 2025, through its own sign-in page."""
    folder.mkdir()
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "casework", "demo", "--build-only"]
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, "PYTHONPATH": str(root)})
    made = folder / "var" / "demo"
    settings = Settings(
        demo=True, database_url=f"sqlite:///{made}/casework.db", files_dir=str(made / "files"), secure_cookies=False
    )
    with _served(settings, FixedClock(SystemClock().now())) as service:
        for name, who, address, state in TOUR:
            person = Person(browser, service)
            if who:
                person.open("/connexion")
                with person.page.expect_navigation():
                    person.page.locator(".demo-people button").filter(has_text=who).click()
            path = "/" if not who else address.format(_case_in(service, state) if state else "")
            person.open(path)
            _keep(person, IMAGES / f"{name}.png", DESK["width"])
            if name == "case":
                person.page.set_viewport_size(PHONE)
                _keep(person, IMAGES / "case-375.png", PHONE["width"])
            person.leave()


def _case_in(service: Service, state: str) -> int:
    query = sa.select(sa.func.max(Application.id)).where(
        Application.state == state, Application.submitted_at.isnot(None)
    )
    with service.sessions() as session:
        return session.scalar(query) or 1


@contextmanager
def _served(settings: Settings, clock: FixedClock) -> Iterator[Service]:
    engine = make_engine(settings.database_url, keys=settings.data_keys)
    with running(settings, make_sessions(engine), clock) as service:
        yield service
    engine.dispose()


def _life(browser: Browser, folder: Path, name: str, play: Callable[[Stage], None]) -> None:
    folder.mkdir()
    database = f"sqlite:///{folder}/life.db"
    engine = make_engine(database, keys=template.KEYS)
    template.fill(engine)
    engine.dispose()
    settings = Settings(
        database_url=database,
        files_dir=str(folder / "files"),
        secret_key="of one evening",
        data_keys=template.KEYS,
        password_time_cost=1,
        password_memory_kib=8,
        secure_cookies=False,
    )
    ranks = {step: rank for rank, (step, _) in enumerate(STEPS[name], start=1)}

    def photograph(person: Person, step: str) -> None:
        _keep(person, IMAGES / f"vie-{name}-{ranks[step]:02}.png", STEP_WIDTH)

    with _served(settings, FixedClock(template.NOW)) as service:
        stage = Stage(browser, service, folder, photograph)
        play(stage)
        stage.close()


def _keep(person: Person, path: Path, width: int) -> None:
    """The page from its top, as wide as asked, in few colours: a picture of some tens of kilobytes."""
    size = person.page.viewport_size or DESK
    height = min(TALLEST, person.page.evaluate("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": size["width"], "height": max(height, size["height"])}
    taken = Image.open(io.BytesIO(person.page.screenshot(full_page=True, clip=clip))).convert("RGB")
    if width < taken.width:
        taken = taken.resize((width, taken.height * width // taken.width), Image.Resampling.LANCZOS)
    taken.quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path.relative_to(DOCS), path.stat().st_size // 1024, "ko")


def _write_story() -> None:
    lines = [
        "# La vie d’un dossier, écran par écran",
        "",
        "Ces écrans sont ceux que parcourent les tests dans un vrai navigateur (`tests/browser/`), avec chaque rôle.",
        "Les personnes et les structures sont inventées.",
    ]
    for name, steps in STEPS.items():
        lines += ["", f"## {TITLES[name]}"]
        for rank, (_, caption) in enumerate(steps, start=1):
            lines += ["", f"{rank}. {caption}", "", f"   ![{caption}](images/vie-{name}-{rank:02}.png)"]
    (DOCS / "vie-d-un-dossier.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
