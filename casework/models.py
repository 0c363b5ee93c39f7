"""Every table of the service, in one import: migrations and the drift test read the metadata from here."""

from __future__ import annotations

from casework import (
    accounts,
    activities,
    agreements,
    applications,
    deadlines,
    documents,
    envelopes,
    expenses,
    feeds,
    journal,
    money,
    outbox,
    participants,
    people,
    progress_records,
    runs,
    schemes,
)
from casework.db import Base

TABLES = (
    accounts,
    activities,
    agreements,
    applications,
    deadlines,
    documents,
    envelopes,
    expenses,
    feeds,
    journal,
    money,
    outbox,
    participants,
    people,
    progress_records,
    runs,
    schemes,
)

metadata = Base.metadata
