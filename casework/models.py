"""Every table of the service, in one import: migrations and the drift test read the metadata from here."""

from __future__ import annotations

from casework import (
    accounts,
    activities,
    agreements,
    amendments,
    applications,
    assessments,
    bank,
    deadlines,
    documents,
    envelopes,
    expenses,
    export_batches,
    feeds,
    holds,
    identities,
    indicators,
    information,
    journal,
    money,
    outbox,
    participants,
    people,
    progress_records,
    reviews,
    runs,
    schemes,
)
from casework.db import Base

TABLES = (
    accounts,
    activities,
    agreements,
    amendments,
    applications,
    assessments,
    bank,
    deadlines,
    documents,
    envelopes,
    expenses,
    export_batches,
    feeds,
    holds,
    identities,
    indicators,
    information,
    journal,
    money,
    outbox,
    participants,
    people,
    progress_records,
    reviews,
    runs,
    schemes,
)

metadata = Base.metadata
