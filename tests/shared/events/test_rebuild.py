"""A view that is lost is told again by the owner."""

from sqlalchemy import delete, select

from shared.rebuild import rebuild
from shared.tables import inbox
from tests.shared.events.things import (
    Service,
    ThingSnapshot,
    ThingView,
    converged,
    eventually,
    quiet,
    subscriptions_of,
)


async def test_an_emptied_view_becomes_what_it_was(publisher: Service, subscriber: Service) -> None:
    for n in range(30):
        event = await publisher.change(name=f"thing {n}")
    assert await subscriber.consumer.wait_for([event])
    async with subscriber.database.transaction() as session:
        await session.exec(delete(ThingView))  # type: ignore[call-overload]
    assert await converged(publisher, subscriber) == ["30 rows differ"]

    async with subscriber.database.transaction() as session:
        await rebuild(session, "training", subscriptions_of(subscriber.faults), "thing")
    await eventually(lambda: same(publisher, subscriber))
    await eventually(lambda: quiet(subscriber))
    told = select(inbox.c.event_id).where(inbox.c.subject == ThingSnapshot.subject)
    assert len(await subscriber.rows(told)) == 30


async def same(publisher: Service, subscriber: Service) -> bool:
    return await converged(publisher, subscriber) == []


async def test_changes_during_a_rebuild_are_kept(publisher: Service, subscriber: Service) -> None:
    for _ in range(10):
        await publisher.change()
    things = [row.id for row in await subscriber.rows(select(ThingView.id))]
    async with subscriber.database.transaction() as session:
        await rebuild(session, "training", subscriptions_of(subscriber.faults), "thing")
    for thing in things:
        await publisher.change(thing, name="changed meanwhile")
    await eventually(lambda: same(publisher, subscriber))
