"""What the moves of a progress record ask. Its month, hours and activities are already known."""

from __future__ import annotations

from casework.progress_records import THEMES, ProgressRecord
from workflows.engine import Context
from workflows.inputs import Input

NO_NAME = "N’écrivez ni nom, ni donnée de santé."
WHY = Input("reason", "Motif", "long_text", help=f"Il est communiqué au porteur. {NO_NAME}")


def writing(context: Context) -> tuple[Input, ...]:
    record: ProgressRecord = context.case
    return (
        Input(
            "themes",
            "Thèmes du référentiel qualité travaillés ce mois",
            "choices",
            required=False,
            choices=tuple(THEMES.items()),
            value=list(record.themes),
        ),
        Input(
            "comment",
            "Ce qui a été fait, les freins levés, la suite prévue",
            "long_text",
            required=False,
            value=record.comment,
            help=NO_NAME,
        ),
    )


def as_written(record: ProgressRecord) -> dict[str, object]:
    """What the record already says, as its form would send it: a batch submits it as it stands."""
    return {"themes": list(record.themes), "comment": record.comment}
