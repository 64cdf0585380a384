"""What is read in no session is what a session gives, and no table of ours is beyond it. The fences: tests/permissions."""

from typing import Any

import pytest
from sqlalchemy import Integer, TypeDecorator

from shared.migrations import visibility_of
from shared.reading import after_telling, reader_of, readers_of


@pytest.mark.parametrize("service", ["enterprise", "training", "metrics"])
def test_every_table_that_anybody_may_see_can_be_read_without_a_session(service: str) -> None:
    found = {model.__name__: dict(readers_of(model)) for model in visibility_of(service).rules}
    assert all(found)
    assert any(found.values())


def test_a_type_with_a_reading_of_its_own_is_refused_rather_than_misread() -> None:
    class Reversed(TypeDecorator[int]):
        impl = Integer
        cache_ok = True

        def process_result_value(self, value: Any, dialect: Any) -> Any:
            return -value

    with pytest.raises(TypeError):
        reader_of(Reversed())


def test_the_database_is_told_before_it_is_asked_and_after_all_values() -> None:
    words = after_telling("select $1::text as id where told.heard limit $2", 2, ("created_at desc", "id desc"))
    assert words.index("set_config('score.role', $3, true)") < words.index("lateral (select $1")
    assert words.endswith("as page order by page.created_at desc, page.id desc")
