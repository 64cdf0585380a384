from sqlmodel import Field, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.models_base import Base
from shared.db import ResourceColumns
from shared.errors import NotFound


class CountryPolicy(Base, ResourceColumns, table=True):
    """The programme's rules in a country. Every country has one from the start."""

    __tablename__ = "country_policies"

    country: str = Field(unique=True)
    min_workers: int
    max_workers: int
    nomination_days: int
    certificate_months: int
    small_cell_threshold: int

    @classmethod
    async def of(cls, session: AsyncSession, country: str, *, lock: bool = False) -> "CountryPolicy":
        """`NotFound` if there is no such country."""
        statement = select(cls).where(cls.country == country)
        found = (await session.exec(statement.with_for_update() if lock else statement)).first()
        if found is None:
            raise NotFound()
        return found

    @property
    def decides(self) -> bool:
        """Whether the programme has set it: the band every country begins with is a proposal, and assesses nobody."""
        return self.version > 1

    def objection_to(self, workforce: int) -> str | None:
        """Why an enterprise with so many people is not one the programme trains here; none if it is."""
        if self.min_workers <= workforce <= self.max_workers:
            return None
        side = "below" if workforce < self.min_workers else "above"
        band = f"{self.min_workers} to {self.max_workers}"
        return f"workforce.total ({workforce}) is {side} the band of {band} for {self.country}."
