"""The schemes as the database keeps them: import a new version, find the current ones, read the one of a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from casework import journal
from casework.applications import Application
from casework.errors import Refused
from casework.people import Actor
from casework.schemes import SchemeVersion
from workflows.catalogue import digest, from_dict, to_dict
from workflows.scheme import Scheme

IMPORTED = journal.register("scheme.imported", "Version de dispositif importée")
_READ: dict[str, Scheme] = {}
_KEPT = 500


@dataclass(frozen=True)
class Imported:
    code: str
    number: int
    new: bool


def import_schemes(session: Session, schemes: Iterable[Scheme], *, actor: Actor, at: datetime) -> list[Imported]:
    """Store each scheme as a new version, unless its content is already the newest one of its campaign.

    Raises Refused for the content of an older version.
    """
    results = []
    for scheme in schemes:
        known = versions_of(session, scheme.campaign, scheme.code)
        last, fingerprint = next(iter(known), None), digest(scheme)
        if last is not None and last.digest == fingerprint:
            results.append(Imported(scheme.code, last.number, new=False))
            continue
        _refuse_older(scheme, fingerprint, known)
        version = SchemeVersion(
            campaign=scheme.campaign,
            code=scheme.code,
            position=int(scheme.code.rpartition(".")[2]),
            number=last.number + 1 if last else 1,
            title=scheme.title,
            invented=scheme.invented,
            digest=fingerprint,
            imported_at=at,
            imported_by=actor.name,
            content=to_dict(scheme),
        )
        session.add(version)
        session.flush()
        journal.record(
            session, "campaign", version.id, IMPORTED, actor=actor, at=at, code=scheme.code, number=version.number
        )
        results.append(Imported(scheme.code, version.number, new=True))
    return results


def _refuse_older(scheme: Scheme, fingerprint: str, known: Iterable[SchemeVersion]) -> None:
    older = next((version for version in known if version.digest == fingerprint), None)
    if older is not None:
        raise Refused(
            [
                f"Fiche {scheme.code} : ce contenu est celui de la version {older.number}, que d’autres ont remplacée. "
                "Changez-y au moins un mot : ce sera une nouvelle version."
            ]
        )


def read_version(version: SchemeVersion) -> Scheme:
    """What a stored version says. Versions never change, so each is read once per process."""
    found = _READ.get(version.digest)
    if found is None:
        if len(_READ) >= _KEPT:
            _READ.clear()
        found = _READ[version.digest] = from_dict(version.content)
    return found


def read_versions(session: Session, versions: Sequence[SchemeVersion]) -> list[Scheme]:
    """What each stored version says, in the same order; those never read before come in one query."""
    unread = [version.id for version in versions if version.digest not in _READ]
    if unread:
        query = sa.select(SchemeVersion).where(SchemeVersion.id.in_(unread)).options(undefer(SchemeVersion.content))
        session.scalars(query.execution_options(populate_existing=True)).all()
    return [read_version(version) for version in versions]


def schemes_of(session: Session, version_ids: Iterable[int]) -> dict[int, Scheme]:
    """What several versions say, by id: one query, and one more the first time that this process meets some of them."""
    versions = list(session.scalars(sa.select(SchemeVersion).where(SchemeVersion.id.in_(set(version_ids)))))
    return dict(zip((version.id for version in versions), read_versions(session, versions), strict=True))


def scheme_of(application: Application) -> Scheme:
    """The scheme as it was when this application was deposited."""
    return read_version(application.scheme_version)


def current_versions(session: Session, campaign: str | None = None) -> list[SchemeVersion]:
    """The newest version of each scheme, by campaign (newest first) and sheet."""
    newest = sa.select(
        SchemeVersion.campaign, SchemeVersion.code, sa.func.max(SchemeVersion.number).label("number")
    ).group_by(SchemeVersion.campaign, SchemeVersion.code)
    if campaign is not None:
        newest = newest.where(SchemeVersion.campaign == campaign)
    best = newest.subquery()
    query = (
        sa.select(SchemeVersion)
        .join(
            best,
            sa.and_(
                SchemeVersion.campaign == best.c.campaign,
                SchemeVersion.code == best.c.code,
                SchemeVersion.number == best.c.number,
            ),
        )
        .order_by(SchemeVersion.campaign.desc(), SchemeVersion.position)
    )
    return list(session.scalars(query))


def current_version(session: Session, campaign: str, code: str) -> SchemeVersion | None:
    query = sa.select(SchemeVersion).where(SchemeVersion.campaign == campaign, SchemeVersion.code == code)
    return session.scalars(query.order_by(SchemeVersion.number.desc()).limit(1)).one_or_none()


def versions_of(session: Session, campaign: str, code: str) -> list[SchemeVersion]:
    """Every version of one scheme of a campaign, the newest first."""
    query = sa.select(SchemeVersion).where(SchemeVersion.campaign == campaign, SchemeVersion.code == code)
    return list(session.scalars(query.order_by(SchemeVersion.number.desc())))
