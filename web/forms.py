"""Forms read and checked by marshmallow, with sentences in French.

    class NameForm(FormSchema):
        name = Text(required=True, limit=120)

    answers = read(NameForm(), request.form)      # InvalidInput: field → sentences

Texts are trimmed, an empty one is absent, a list reads every value, an unticked box is False.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import marshmallow as ma

from casework.emails import EmailError, normal_email
from casework.errors import InvalidInput
from casework.french import counted, day_of_year
from casework.queries import whole_number
from casework.sirets import possible_siret
from workflows.inputs import Euros as Euros
from workflows.inputs import FrenchDate as FrenchDate

MESSAGES = {
    "required": "Cette réponse est obligatoire.",
    "null": "Cette réponse est obligatoire.",
    "invalid": "Cette réponse n’est pas comprise.",
    "validator_failed": "Cette réponse n’est pas comprise.",
}


class FormSchema(ma.Schema):
    """Base of every form of the service."""

    class Meta:
        unknown = ma.EXCLUDE

    @ma.pre_load
    def _clean(self, data: Any, **_: Any) -> dict[str, Any]:
        return {
            key: _cleaned(field, data, key)
            for name, field in self.load_fields.items()
            if (key := field.data_key or name) in data
        }

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[Any]) -> None:
        own = {name: text for name, text in MESSAGES.items() if name in ("required", "null")}
        field_obj.error_messages = MESSAGES | field_obj.error_messages | own
        if not field_obj.required:
            field_obj.allow_none = True


def _cleaned(field: ma.fields.Field[Any], data: Any, key: str) -> Any:
    if isinstance(field, ma.fields.List):
        values = data.getlist(key) if hasattr(data, "getlist") else data[key]
        return [value for value in (_text(one) for one in values) if value is not None]
    return _text(data[key])


def _text(value: Any) -> Any:
    return value.replace("\r\n", "\n").replace("\x00", "").strip() or None if isinstance(value, str) else value


class Text(ma.fields.String):
    """A text of at most `limit` characters; "" when it is optional and empty."""

    def __init__(self, *, required: bool = False, limit: int = 200, **options: Any) -> None:
        most = counted(limit, "caractère")
        too_long = ma.validate.Length(max=limit, error=f"Ce texte est trop long : {most} au plus.")
        super().__init__(required=required, validate=too_long, **({} if required else {"load_default": ""}), **options)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        found = super().deserialize(value, attr, data, **options)
        return "" if found is None else found


class Secret(ma.fields.String):
    """A password: read as typed, never trimmed of its inner spaces, at most 200 characters."""

    def __init__(self, **options: Any) -> None:
        too_long = ma.validate.Length(max=200, error="Un mot de passe a 200 caractères au plus.")
        super().__init__(required=True, validate=too_long, **options)


class Choice(ma.fields.String):
    """One of the codes."""

    def __init__(self, codes: Sequence[str] | Mapping[str, str], **options: Any) -> None:
        listed = ma.validate.OneOf(list(codes), error="Choisissez une des réponses proposées.")
        super().__init__(validate=listed, **options)


class Number(ma.fields.Integer):
    """A whole number (an id, a count) between two bounds."""

    def __init__(self, *, low: int = 0, high: int = 2**63 - 1, **options: Any) -> None:
        bounds = ma.validate.Range(low, high, error=f"Écrivez un nombre entier d’au moins {low}.")
        super().__init__(validate=bounds, error_messages={"invalid": "Écrivez un nombre entier."}, **options)


class Ticked(ma.fields.Boolean):
    """A box: absent is False."""

    def __init__(self, **options: Any) -> None:
        super().__init__(load_default=False, **options)


class Email(ma.fields.String):
    """An address, in lower case. Nothing is asked of the network."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        try:
            return normal_email(str(value))
        except EmailError as error:
            raise ma.ValidationError(error.sentence) from None


class Siret(ma.fields.String):
    """Fourteen digits whose check digit is right, without spaces."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        found = possible_siret(str(value))
        if found is None:
            raise ma.ValidationError("Ce numéro SIRET n’existe pas : vérifiez ses 14 chiffres.")
        return found


class Postcode(ma.fields.String):
    """Five digits."""

    def __init__(self, **options: Any) -> None:
        digits = ma.validate.Regexp(r"[0-9]{5}\Z", error="Un code postal a cinq chiffres.")
        super().__init__(validate=digits, **options)


class Phone(ma.fields.String):
    """Digits, spaces, points, a plus sign: eight to twenty characters."""

    def __init__(self, **options: Any) -> None:
        shape = ma.validate.Regexp(r"[0-9+ .()\-]{8,20}\Z", error="Écrivez ce numéro comme 03 00 00 00 00.")
        super().__init__(validate=shape, **options)


class DayOfYear(ma.fields.String):
    """A day of any year, typed « 31/12 » and read "12-31". 29 February exists."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        typed = super()._deserialize(value, attr, data, **options) or ""
        found = day_of_year(typed)
        if found is None:
            raise ma.ValidationError("Écrivez un jour et un mois, comme 31/12.")
        return f"{found[0]:02d}-{found[1]:02d}"


def ticked(values: Sequence[str], *, most: int) -> dict[int, int]:
    """The version seen of each row ticked in a list, "id:version", by id; what is not one is passed over."""
    found = {}
    for value in values[:most]:
        key, _, version = value.partition(":")
        with suppress(ValueError):
            found[whole_number(key)] = whole_number(version)
    return found


def read(form: FormSchema, data: Any) -> dict[str, Any]:
    """The answers, typed. Raises InvalidInput with the sentences of every field."""
    try:
        return dict(form.load(data))
    except ma.ValidationError as error:
        raise InvalidInput({name: _sentences(found) for name, found in error.normalized_messages().items()}) from None


def _sentences(found: Any) -> list[str]:
    if isinstance(found, str):
        return [found]
    values = found.values() if isinstance(found, dict) else found
    return [sentence for value in values for sentence in _sentences(value)]
