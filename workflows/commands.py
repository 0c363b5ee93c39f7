"""Commands on the schemes, the rules and the machines. Each answers as text, or as JSON with `--json`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from casework import db
from casework.clock import SystemClock
from casework.commands import open_sessions, read_settings
from casework.errors import CaseworkError, NotFound, Refused
from casework.french import short_date
from casework.people import job
from workflows import catalogue
from workflows.checking import UnknownState, faults, unknown_states
from workflows.drawing import draw_markdown, draw_svg
from workflows.engine import workflows
from workflows.explain import InputRefused, calendar_lines, calendar_of, explain_balance, explain_grant
from workflows.scheme import Scheme
from workflows.versions import import_schemes

MOST_YEARS = 50
Run = Callable[[argparse.Namespace], int | None]


def add(verbs: Any) -> None:
    _add_schemes(verbs.add_parser("schemes", help="les fiches de l’appel à projets"))
    _add_explain(verbs.add_parser("explain", help="expliquer une subvention, un solde, un calendrier"))
    _add_workflows(verbs.add_parser("workflows", help="vérifier ou dessiner les machines à états"))


def _command(verbs: Any, name: str, run: Run, summary: str, *positional: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=summary)
    for argument in positional:
        parser.add_argument(argument)
    parser.add_argument("--json", action="store_true", help="répondre en JSON")
    parser.set_defaults(run=run)
    return parser


def _add_schemes(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True)
    listed = _command(verbs, "list", _list, "les fiches d’une campagne")
    shown = _command(verbs, "show", _show, "une fiche entière", "code")
    _command(verbs, "check", _check, "lire un fichier et dire ce qui ne va pas", "file")
    compared = _command(verbs, "diff", _diff, "comparer deux fiches (code ou fichier)", "a", "b")
    _command(verbs, "import", _import, "enregistrer les fiches d’un dossier dans la base", "directory")
    moved = _command(verbs, "shift", _shift, "fabriquer une campagne inventée, décalée de quelques années")
    moved.add_argument("--years", type=int, required=True)
    moved.add_argument("--to", required=True, metavar="DOSSIER", help="où écrire les fichiers")
    for command in (listed, shown, compared, moved):
        _takes_source(command)


def _add_explain(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True)
    for name, run, summary in (
        ("grant", _explain_grant, "le montant maximal d’une subvention"),
        ("balance", _explain_balance, "le solde ou le reversement"),
    ):
        command = _command(verbs, name, run, summary)
        command.add_argument("--input", required=True, metavar="FICHIER", help="données JSON, - : entrée standard")
        _takes_scheme(command)
    calendar = _command(verbs, "calendar", _explain_calendar, "les échéances d’une opération")
    calendar.add_argument("--start", required=True, metavar="AAAA-MM-JJ")
    calendar.add_argument("--end", required=True, metavar="AAAA-MM-JJ")
    calendar.add_argument("--fiscal-year-end", metavar="JJ/MM")
    _takes_scheme(calendar)


def _takes_scheme(command: argparse.ArgumentParser) -> None:
    command.add_argument("--scheme", required=True, metavar="CODE")
    _takes_source(command)


def _takes_source(command: argparse.ArgumentParser) -> None:
    command.add_argument("--from", dest="source", metavar="DOSSIER", help="dossier des fiches (défaut : 2024)")


def _add_workflows(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True)
    _command(verbs, "check", _check_workflows, "chaque état enregistré est connu de sa machine")
    drawn = _command(verbs, "draw", _draw, "dessiner les machines (SVG) et leurs tables (Markdown)")
    drawn.add_argument("--to", required=True, metavar="DOSSIER")


def _schemes(arguments: argparse.Namespace) -> dict[str, Scheme]:
    source = Path(arguments.source) if arguments.source else catalogue.SCHEMES_DIRECTORY / "2024"
    return catalogue.read_dir(source)


def _scheme(arguments: argparse.Namespace, code: str) -> Scheme:
    if Path(code).is_file():
        return catalogue.read_file(Path(code))
    found = _schemes(arguments).get(code)
    if found is None:
        raise NotFound(f"Aucun dispositif n’a le code « {code} ».")
    return found


def _print(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _list(arguments: argparse.Namespace) -> None:
    schemes = _schemes(arguments)
    if arguments.json:
        return _print([_line(scheme) for scheme in schemes.values()])
    for scheme in schemes.values():
        windows = ", ".join(f"{short_date(w.opens)}–{short_date(w.closes)}" for w in scheme.application_windows)
        print(f"{scheme.code:<5} {scheme.title}\n      {windows}")
    return None


def _line(scheme: Scheme) -> dict[str, Any]:
    windows = [{"opens": w.opens.isoformat(), "closes": w.closes.isoformat()} for w in scheme.application_windows]
    return {"code": scheme.code, "title": scheme.title, "campaign": scheme.campaign, "application_windows": windows}


def _show(arguments: argparse.Namespace) -> None:
    scheme = _scheme(arguments, arguments.code)
    if arguments.json:
        return _print(catalogue.describe(scheme))
    return print(catalogue.dump_toml(scheme))


def _check(arguments: argparse.Namespace) -> int:
    problems: list[str] = []
    try:
        catalogue.read_file(Path(arguments.file))
    except CaseworkError as error:
        problems = list(getattr(error, "problems", ())) or [error.sentence]
    if arguments.json:
        _print({"file": arguments.file, "valid": not problems, "problems": problems})
    else:
        print("\n".join(problems) or f"{arguments.file} : fiche valide.")
    return 1 if problems else 0


def _diff(arguments: argparse.Namespace) -> None:
    differences = catalogue.compare(_scheme(arguments, arguments.a), _scheme(arguments, arguments.b))
    if arguments.json:
        return _print([{"path": d.path, "before": d.before, "after": d.after} for d in differences])
    for difference in differences:
        print(f"{difference.path} : {difference.before!r} → {difference.after!r}")
    return None


def _import(arguments: argparse.Namespace) -> None:
    schemes = catalogue.read_dir(Path(arguments.directory))
    _, sessions = open_sessions(read_settings(arguments))
    with db.transaction(sessions) as session:
        actor, now = job("Ligne de commande"), SystemClock().now()
        imported = import_schemes(session, schemes.values(), actor=actor, at=now)
    if arguments.json:
        return _print([{"code": i.code, "number": i.number, "new": i.new} for i in imported])
    for line in imported:
        print(f"{line.code} : version {line.number}, {'nouvelle' if line.new else 'inchangée'}")
    return None


def _shift(arguments: argparse.Namespace) -> None:
    if abs(arguments.years) > MOST_YEARS:
        raise Refused([f"--years : de −{MOST_YEARS} à {MOST_YEARS} ans."])
    target = Path(arguments.to)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for scheme in _schemes(arguments).values():
        moved = catalogue.shift(scheme, arguments.years)
        file = target / f"{moved.code.replace('.', '_')}.toml"
        file.write_text(catalogue.dump_toml(moved), encoding="utf-8")
        written.append(str(file))
    if arguments.json:
        return _print(written)
    return print("\n".join(written))


def _data(arguments: argparse.Namespace) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if arguments.input == "-" else Path(arguments.input).read_text(encoding="utf-8")
        data = json.loads(text)
    except OSError as error:
        raise InputRefused("input", f"{arguments.input} : ce fichier ne se lit pas ({error.strerror}).") from None
    except ValueError:
        raise InputRefused("input", f"{arguments.input} : ce n’est pas du JSON valide.") from None
    if not isinstance(data, dict):
        raise InputRefused("input", f"{arguments.input} : un objet JSON est attendu.")
    return data


def _answer(arguments: argparse.Namespace, result: dict[str, Any]) -> None:
    if arguments.json:
        return _print(result)
    for step in result.get("steps", ()):
        print(f"{step['label']} : {step['formula']} = {step['amount']} € ({step['source']})")
    for warning in result.get("warnings", ()):
        print(f"Attention : {warning}")
    return None


def _explain_grant(arguments: argparse.Namespace) -> None:
    _answer(arguments, explain_grant(_scheme(arguments, arguments.scheme), _data(arguments)))


def _explain_balance(arguments: argparse.Namespace) -> None:
    _answer(arguments, explain_balance(_scheme(arguments, arguments.scheme), _data(arguments)))


def _explain_calendar(arguments: argparse.Namespace) -> None:
    scheme = _scheme(arguments, arguments.scheme)
    calendar = calendar_of(scheme, arguments.start, arguments.end, arguments.fiscal_year_end)
    if arguments.json:
        return _print(calendar.as_dict())
    return print("\n".join(calendar_lines(calendar)))


def _check_workflows(arguments: argparse.Namespace) -> int:
    found = [fault for workflow in workflows() for fault in faults(workflow)]
    _, sessions = open_sessions(read_settings(arguments))
    with sessions() as session:
        found += [_unknown(unknown) for unknown in unknown_states(db.reading(session))]
    if arguments.json:
        _print({"valid": not found, "faults": found})
    else:
        print("\n".join(found) or "Chaque état enregistré est connu de sa machine.")
    return 1 if found else 0


def _unknown(state: UnknownState) -> str:
    return f"Machine {state.workflow} : {state.cases} cas à l’étape inconnue « {state.state} »."


def _draw(arguments: argparse.Namespace) -> None:
    target = Path(arguments.to)
    target.mkdir(parents=True, exist_ok=True)
    for workflow in workflows():
        (target / f"{workflow.name}.svg").write_text(draw_svg(workflow), encoding="utf-8")
        (target / f"{workflow.name}.md").write_text(draw_markdown(workflow), encoding="utf-8")
        print(target / f"{workflow.name}.svg")
