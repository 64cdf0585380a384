"""A view keeps the newest version, in whatever order the events come."""

import pytest
from sqlalchemy import select

from shared.db import uuid7
from shared.views import keep_newest
from tests.shared.events.conftest import Make
from tests.shared.events.things import Service, ThingView


@pytest.mark.parametrize(
    ("versions", "written", "kept"),
    [
        ([1, 2, 3], [True, True, True], 3),
        ([1, 3, 2], [True, True, False], 3),
        ([2, 2], [True, False], 2),
        ([5, 4], [True, False], 5),
    ],
    ids=["in order", "n+2 before n+1", "n twice", "n-1 late"],
)
async def test_a_view_never_goes_back(make: Make, versions: list[int], written: list[bool], kept: int) -> None:
    service: Service = await make("training")
    id = uuid7()
    for version, expected in zip(versions, written, strict=True):
        async with service.database.transaction() as session:
            assert await keep_newest(session, ThingView, id=id, version=version, name=f"v{version}") is expected
    rows = await service.rows(select(ThingView.version, ThingView.name))
    assert rows == [(kept, f"v{kept}")]
