"""What a service knows of its schema's revisions without Alembic is what Alembic knows."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from alembic.util import to_tuple

from shared.migrations import PACKAGES, Revision, Revisions, config_for, revisions_in


@pytest.mark.parametrize("service", sorted(PACKAGES))
def test_the_revisions_a_service_waits_for_are_those_alembic_would_bring(service: str) -> None:
    script = ScriptDirectory.from_config(config_for(service, url=""))
    known = list(script.walk_revisions())
    implied = {name for one in known for name in to_tuple(one.dependencies, default=())}
    read = Revisions.of(service)
    assert read.known == {one.revision for one in known}
    assert read.heads == set(script.get_heads()) - implied


def test_several_may_be_followed_and_needed(tmp_path: Path) -> None:
    (tmp_path / "0001_a.py").write_text('revision = "a_1"\ndown_revision = None\ndepends_on = None\n')
    (tmp_path / "0002_b.py").write_text('revision = "a_2"  # why\ndown_revision = ("a_1", "a_0")\ndepends_on = "c_1"\n')
    assert list(revisions_in([tmp_path])) == [Revision("a_1", (), ()), Revision("a_2", ("a_1", "a_0"), ("c_1",))]
