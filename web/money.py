"""Payments: what is to be ordered, to be verified by somebody else, to be paid, and paid, one click from its action."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, request, url_for

from casework.applications import STATES
from casework.export_batches import batch_number
from casework.money import numbered
from casework.payment_lists import KINDS, STAGES, PaymentRow, list_payments, read_key
from casework.permissions import holds
from casework.queries import PageKey
from web.access import needs
from web.render import page
from workflows.application.paid_imports import recording_move
from workflows.rules.advance import proposed_advance
from workflows.versions import schemes_of

pages = Blueprint("money", __name__)

STAGE_NAMES = {"a-ordonner": "to_order", "a-verifier": "to_verify", "ordonnes": "ordered", "payes": "paid"}
STAGE_LABELS = {
    "a-ordonner": "À ordonner",
    "a-verifier": "À vérifier",
    "ordonnes": "Vérifiés, à payer",
    "payes": "Payés",
}
KIND_NAMES = {"avance": "advance", "solde": "balance", "reversement": "recovery"}
KIND_LABELS = {
    "advance": "Avance",
    "balance": "Solde",
    "recovery": "Reversement",
    "settled": "Rien à payer, dossier à clore",
}
_TRIGGERS = {
    ("to_order", "advance"): "order_advance",
    ("to_order", "balance"): "order_balance",
    ("to_order", "recovery"): "order_recovery",
    ("to_order", "settled"): "close_settled",
    ("to_verify", "advance"): "verify_payment",
    ("to_verify", "balance"): "verify_payment",
    ("to_verify", "recovery"): "verify_payment",
}
assert set(STAGE_NAMES.values()) == set(STAGES)
assert set(KIND_NAMES.values()) == set(KINDS)


@pages.get("/versements")
@needs("payment.read")
def index() -> Any:
    name = request.args.get("etat", "a-ordonner")
    kind_name = request.args.get("nature", "")
    late = request.args.get("retard", "")
    refused = name not in STAGE_NAMES or kind_name not in ("", *KIND_NAMES) or late not in ("", "1")
    name = name if name in STAGE_NAMES else "a-ordonner"
    stage, kind = STAGE_NAMES[name], KIND_NAMES.get(kind_name)
    after, before, strange = _place(stage)
    if refused or strange:
        flash("L’adresse contenait des critères inconnus, laissés de côté.", "warning")
    overdue_on = g.today if late == "1" and stage != "paid" else None
    found = list_payments(g.db, g.actor, stage, kind=kind, overdue_on=overdue_on, after=after, before=before)
    lines = _lines(found.rows, stage)
    common = {"etat": name, "nature": kind_name if kind else None, "retard": late if late == "1" else None}
    return page(
        "money/index.html",
        lines=lines,
        total=_total(lines),
        stage=stage,
        stages=[
            {
                "label": label,
                "href": url_for("money.index", **{**common, "etat": code}),
                "current": code == name,
            }
            for code, label in STAGE_LABELS.items()
        ],
        stage_name=name,
        kind_name=kind_name if kind else "",
        late=late == "1",
        kinds=[(code, KIND_LABELS[value]) for code, value in KIND_NAMES.items()],
        states=STATES,
        next=url_for("money.index", **common, apres=str(found.next)) if found.next else None,
        prev=url_for("money.index", **common, avant=str(found.prev)) if found.prev else None,
        today=g.today,
        acts=holds(g.actor, "payment.order"),
        verifiable=any(line["verifiable"] for line in lines),
        exportable=any(line["exportable"] for line in lines),
    )


def _place(stage: str) -> tuple[PageKey | None, PageKey | None, bool]:
    """The keys of the address, and whether one of them was not understood."""
    keys: dict[str, PageKey | None] = {"apres": None, "avant": None}
    strange = False
    for name in keys:
        try:
            keys[name] = read_key(stage, request.args[name]) if request.args.get(name) else None
        except ValueError:
            strange = True
    return keys["apres"], keys["avant"], strange


def _lines(rows: tuple[PaymentRow, ...], stage: str) -> list[dict[str, Any]]:
    """What each line shows; the advance to order is the one that the rules propose."""
    unordered = [row for row in rows if row.amount_cents is None]
    schemes = schemes_of(g.db, {row.scheme_version_id for row in unordered}) if unordered else {}
    acts = holds(g.actor, "payment.order")
    lines = []
    for row in rows:
        amount = row.amount_cents
        if amount is None:
            amount = proposed_advance(schemes[row.scheme_version_id], row.granted_cents or 0).proposed_cents
        lines.append(
            {
                "row": row,
                "amount": amount,
                "signed": -amount if row.kind == "recovery" else amount,
                "kind": KIND_LABELS[row.kind],
                "proposed": row.amount_cents is None,
                "href": _address(row, stage if acts else None),
                "number": numbered(row.payment_id) if row.payment_id else "",
                "batch": batch_number(row.export_batch_id) if row.export_batch_id else "",
                "mine": stage == "to_verify" and row.ordered_by_id == g.actor.user_id,
                "verifiable": acts and stage == "to_verify" and row.ordered_by_id != g.actor.user_id,
                "exportable": acts and stage == "ordered" and row.export_batch_id is None,
                "late": row.due_on is not None and row.due_on < g.today and stage != "paid",
            }
        )
    return lines


def _total(lines: list[dict[str, Any]]) -> dict[str, int]:
    """Cents of this page: what goes out, and what comes back."""
    return {
        "out": sum(line["amount"] for line in lines if line["row"].kind in ("advance", "balance")),
        "back": sum(line["amount"] for line in lines if line["row"].kind == "recovery"),
    }


def _address(row: PaymentRow, stage: str | None) -> str:
    trigger = _TRIGGERS.get((stage or "", row.kind))
    if stage == "ordered":
        trigger = recording_move(row.kind)
    base = f"/dossiers/{row.application_id}"
    return f"{base}?action={trigger}#action-{trigger}" if trigger else f"{base}/versements"
