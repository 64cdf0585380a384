"""The participants a batch of an import is about: those that are there, and those that become new or change."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from services.training_svc.participants.models import Participant, ParticipantCategory
from services.training_svc.participants.queries import Name
from shared.types import Sex


class Person(Protocol):
    """What a row says of a participant."""

    reference: str
    sex: Sex
    category: ParticipantCategory


class Roster:
    def __init__(self, known: Mapping[Name, Participant]) -> None:
        self._known = dict(known)
        self.new: dict[UUID, Participant] = {}
        self.changed: dict[UUID, Participant] = {}

    def find(self, enterprise_id: UUID, person: Person) -> Participant | None:
        return self._known.get((enterprise_id, person.reference))

    def add(self, enterprise_id: UUID, person: Person) -> Participant:
        participant = Participant.made(
            enterprise_id=enterprise_id, reference=person.reference, sex=person.sex, category=person.category
        )
        self._known[enterprise_id, person.reference] = participant
        self.new[participant.id] = participant
        return participant

    def change(self, participant: Participant, values: Mapping[str, Any]) -> bool:
        """Whether that is news."""
        news = {name: value for name, value in values.items() if getattr(participant, name) != value}
        for name, value in news.items():
            setattr(participant, name, value)
        if news and participant.id not in self.new:
            self.changed[participant.id] = participant
        return bool(news)
