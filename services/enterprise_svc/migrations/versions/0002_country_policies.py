"""a policy for every country, and the events that tell of them"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pycountry
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "enterprise_0002"
down_revision = "enterprise_0001"
branch_labels = None
depends_on = "common_0001"  # their events go into its outbox

DEFAULTS = {
    "min_workers": 50,
    "max_workers": 250,
    "nomination_days": 15,
    "certificate_months": 24,
    "small_cell_threshold": 5,
}
# where the programme takes smaller or larger enterprises
BANDS = {"BO": (25, 250), "ID": (30, 250), "IN": (30, 300), "PE": (25, 250)}
policies = sa.table(
    "country_policies",
    sa.column("id", sa.Uuid()),
    *(sa.column(name, sa.Text()) for name in ("country", "created_by")),
    *(sa.column(name, sa.Integer()) for name in ("version", *DEFAULTS)),
    *(sa.column(name, sa.DateTime(timezone=True)) for name in ("created_at", "updated_at")),
)
outbox = sa.table(
    "outbox",
    *(sa.column(name, sa.Uuid()) for name in ("event_id", "aggregate_id")),
    sa.column("aggregate_version", sa.Integer()),
    sa.column("payload", postgresql.JSONB()),
    *(sa.column(name, sa.Text()) for name in ("subject", "traceparent", "request_id", "by")),
    sa.column("occurred_at", sa.DateTime(timezone=True)),
)


def policy_of(country: str) -> dict[str, Any]:
    least, most = BANDS.get(country, (DEFAULTS["min_workers"], DEFAULTS["max_workers"]))
    return {"country": country, **DEFAULTS, "min_workers": least, "max_workers": most}


def id_of(country: str, kind: str) -> UUID:
    """The same in every installation: a country that ISO adds later gets its own in a migration of its own."""
    return UUID(f"01941f29-7c00-7000-{kind}-00000002{country.encode().hex()}")


def upgrade() -> None:
    """Rows and events in one transaction, as a command would write them."""
    now = datetime.now(UTC)
    by_country = {country: policy_of(country) for country in sorted(one.alpha_2 for one in pycountry.countries)}
    made = {"version": 1, "created_by": "score", "created_at": now, "updated_at": now}
    op.bulk_insert(policies, [{"id": id_of(one, "8000"), **made, **policy} for one, policy in by_country.items()])
    told = {
        "aggregate_version": 1,
        "subject": "score.enterprise.country_policy.set.v1",
        "traceparent": "",
        "request_id": "",
        "by": "score",
        "occurred_at": now,
    }
    op.bulk_insert(
        outbox,
        [
            {
                **told,
                "event_id": id_of(one, "9000"),
                "aggregate_id": id_of(one, "8000"),
                "payload": {"id": str(id_of(one, "8000")), "version": 1, **policy},
            }
            for one, policy in by_country.items()
        ],
    )


def downgrade() -> None:
    op.execute(policies.delete())
