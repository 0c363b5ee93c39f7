"""The payment order of a verified payment, as a PDF for the finance service."""

from __future__ import annotations

from flask import Blueprint, Response, g

from casework.applications import Application
from casework.errors import NotFound
from casework.money import Payment
from web.access import on_application
from web.case_bank import shown
from web.case_convention import download
from web.session import settings
from workflows.application.payment_orders import order_pdf

pages = Blueprint("payment_orders", __name__)


@pages.get("/dossiers/<int:application_id>/versements/<int:payment_id>/ordre.pdf")
@on_application("payment.order")
def as_pdf(application: Application, payment_id: int) -> Response:
    """The order, tagged (PDF/UA-1), with the whole account: the look is kept. Raises Refused (409) before it is
    verified.
    """
    payment = g.db.get(Payment, payment_id)
    if payment is None or payment.application_id != application.id:
        raise NotFound("Ce versement n’existe pas dans ce dossier.")
    content = order_pdf(application, payment, funder=settings().funder)
    if payment.bank_details is not None:
        shown([payment.bank_details], "order")
    return download(content, f"ordre-{payment.number}.pdf", "application/pdf")
