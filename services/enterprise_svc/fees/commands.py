from typing import Any
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises.countries import country_of
from services.enterprise_svc.fees.models import Fee
from services.enterprise_svc.fees.queries import currency_of_fees
from services.enterprise_svc.fees.schemas import AgreeFee, CancelFee
from services.enterprise_svc.fees.splitting import parts_of
from services.enterprise_svc.organisations.models import Organisation
from services.enterprise_svc.partnerships.models import Partnership
from shared.changes import record
from shared.conditions import IfMatch
from shared.context import current
from shared.db import known_ids, unfenced, unknown_place
from shared.errors import AlreadyExists, NotFound, UnknownReference, ValidationFailed, pointer
from shared.events.enterprise import FeeAgreed, FeeAmended, FeeCancelled
from shared.merge_patch import Patch
from shared.types import currency_digits, money_text


async def agree_fee(session: AsyncSession, partnership_id: UUID, command: AgreeFee) -> Fee:
    await Partnership.named(session, partnership_id)
    await refuse_taken_ref(session, partnership_id, command.external_ref)
    country = await country_of(session, command.enterprise_id, "enterprise_id")
    await refuse_unknown_payers(session, command)
    partnership = await locked(session, partnership_id)
    await refuse_other_currency(session, partnership, command.amount.currency)
    fee = Fee(partnership_id=partnership_id, country=country, party_ids=partnership.party_ids, **stored(command))
    await record(session, fee, FeeAgreed)
    return fee


async def amend_fee(session: AsyncSession, partnership_id: UUID, id: UUID, match: IfMatch, patch: Patch) -> Fee:
    """A correction; what was agreed before stays in the history. Whose training it is stays as it is."""
    fee = await Fee.of_for_change(session, partnership_id, id)
    match.check(fee.version)
    fee.demand_agreed()
    command = patch.onto(as_agreed(fee), fixed=["enterprise_id"])
    if command.external_ref != fee.external_ref:
        await refuse_taken_ref(session, partnership_id, command.external_ref)
    await refuse_unknown_payers(session, command)
    partnership = await locked(session, partnership_id)
    await refuse_other_currency(session, partnership, command.amount.currency, besides=fee.id)
    fee.sqlmodel_update(stored(command))
    await record(session, fee, FeeAmended)
    return fee


async def cancel_fee(session: AsyncSession, partnership_id: UUID, id: UUID, match: IfMatch, command: CancelFee) -> Fee:
    fee = await Fee.of_for_change(session, partnership_id, id)
    match.check(fee.version)
    fee.cancel(command.reason)
    await record(session, fee, FeeCancelled)
    return fee


def as_agreed(fee: Fee) -> AgreeFee:
    shares = [{name: share[name] for name in ("payer_id", "percent")} for share in fee.shares]
    facts = {name: getattr(fee, name) for name in ("enterprise_id", "amount", "external_ref")}
    return AgreeFee.model_validate(facts | {"shares": shares})


def stored(command: AgreeFee) -> dict[str, Any]:
    """The command as columns: money and shares are JSON, each share with its part of the amount."""
    amount, currency = command.amount.amount, command.amount.currency
    parts = parts_of(amount, [share.percent for share in command.shares], currency_digits(currency))
    shares = [
        share.model_dump(mode="json") | {"amount": {"amount": money_text(part, currency), "currency": currency}}
        for share, part in zip(command.shares, parts, strict=True)
    ]
    return {
        "enterprise_id": command.enterprise_id,
        "amount": command.amount.model_dump(mode="json"),
        "shares": shares,
        "external_ref": command.external_ref,
    }


async def locked(session: AsyncSession, partnership_id: UUID) -> Partnership:
    """Until the transaction ends nobody gives it another budget or a fee in another currency. A coordinator may agree on a fee
    where several countries take part, although the partnership is not its own to amend."""
    async with unfenced(session):
        found = select(Partnership).where(Partnership.id == partnership_id).with_for_update()
        fresh = found.execution_options(populate_existing=True)
        partnership = (await session.exec(fresh)).first()
    if partnership is None:
        raise NotFound()
    return partnership


async def refuse_taken_ref(session: AsyncSession, partnership_id: UUID, external_ref: str | None) -> None:
    """409 `already-exists` when this client used the `external_ref` here."""
    mine = select(Fee.id).where(
        Fee.partnership_id == partnership_id, Fee.external_ref == external_ref, Fee.created_by == current().subject
    )
    if external_ref is not None and (first := (await session.exec(mine)).first()):
        place = pointer("taken", "You have used this external_ref before.", "external_ref")
        raise AlreadyExists(str(first), errors=[place])


async def refuse_unknown_payers(session: AsyncSession, command: AgreeFee) -> None:
    """The enterprise pays for itself at most, never for another."""
    payers = [share.payer_id for share in command.shares]
    known = await known_ids(session, Organisation, payers) | {command.enterprise_id}
    if places := [unknown_place("shares", index, "payer_id") for index, id in enumerate(payers) if id not in known]:
        raise UnknownReference(errors=places)


async def refuse_other_currency(
    session: AsyncSession, partnership: Partnership, currency: str, besides: UUID | None = None
) -> None:
    """One partnership counts in one currency: that of its budget or, without one, of the fees it has."""
    counted = partnership.budget["currency"] if partnership.budget else None
    counted = counted or await currency_of_fees(session, partnership.id, besides)
    if counted is not None and counted != currency:
        detail = f"amount.currency ({currency}) is not the currency of the partnership ({counted})."
        raise ValidationFailed(errors=[pointer("other_currency", detail, "amount", "currency")])
