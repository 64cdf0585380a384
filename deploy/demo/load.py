"""Loads the records, in the order of what needs what. A second run finds everything there and changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from deploy.demo import records
from deploy.demo.api import Api, Document
from deploy.demo.display import Display
from deploy.demo.trouble import DemoFailed

AT_ONCE = 4
ENROLMENT: list[Document] = [{"verb": "assess", "body": {"eligible": True}}, {"verb": "enrol"}]

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


@dataclass
class Loader:
    """`ids` maps each `external_ref` met so far to the id it got."""

    api: Api
    display: Display
    ids: dict[str, str] = field(default_factory=dict)

    async def load_all(self) -> dict[str, str]:
        await self.make("organisations")
        await self.make("programme")
        await self.bring("enterprises", "/v1/enterprises/imports")
        await self.enrol_enterprises()
        await self.make("supply_links")
        await self.make("partnerships")
        await self.make("nominations")
        await self.make("fees")
        await self.make("cycles")
        await self.bring("attendances", "/v1/attendances/imports")
        await self.bring("visits", "/v1/visits/imports")
        await self.bring("exchange_rates", "/v1/exchange-rates/imports")
        await self.bring("observations", "/v1/observations/imports")
        await self.bring("savings", "/v1/savings/imports")
        await self.make("surveys")
        await self.bring("survey_responses", "/v1/surveys/ref:synthetic-demo:survey:coop/responses/imports")
        return self.ids

    async def make(self, name: str) -> None:
        """Makes the records of a JSON file and moves each by the verbs the file names."""
        parts = records.collections_in(name)
        with self.display.step(title(name), sum(len(part["records"]) for part in parts)) as step:

            async def make_one(work: tuple[Document, Document]) -> bool:
                new = await self._make_one(*work)
                step.advance()
                return new

            groups = [[(part, one) for one in group] for part in parts for group in records.waves(part["records"])]
            made = [new for group in groups for new in await side_by_side(make_one, group)]
            step.end(f"{sum(made)} made, {len(made) - sum(made)} there already")

    async def _make_one(self, part: Document, record: Document) -> bool:
        path = records.resolved(part["path"], self.ids)
        resource, new = await self.api.make(path, records.resolved(record, self.ids))
        self.ids[record["external_ref"]] = resource["id"]
        await self._move(path, resource, part["verbs"])
        return new

    async def _move(self, path: str, resource: Document, verbs: list[Document]) -> None:
        for verb in verbs:
            resource = await self.api.act(path, resource, verb["verb"], verb.get("body"))

    async def bring(self, name: str, path: str) -> None:
        """Imports a CSV file."""
        with self.display.step(title(name)) as step:
            to = records.resolved(path, self.ids)
            summary = await self.api.load(to, records.file_to_import(name), step.reach)
            step.reach(summary["received"], summary["received"])
            step.end("{created} created, {updated} updated, {unchanged} unchanged".format(**summary))

    async def enrol_enterprises(self) -> None:
        refs = records.external_refs_in("enterprises")
        with self.display.step("enrolment", len(refs)) as step:

            async def enrol(external_ref: str) -> None:
                await self._enrol(external_ref)
                step.advance()

            await side_by_side(enrol, refs)
            step.end(f"{len(refs)} enterprises assessed and enrolled")

    async def _enrol(self, external_ref: str) -> None:
        found = (await self.api.get("/v1/enterprises", external_ref=external_ref))["items"]
        if not found:
            raise DemoFailed(f"The enterprise {external_ref} was imported, but the list of enterprises lacks it.")
        self.ids[external_ref] = found[0]["id"]
        await self._move("/v1/enterprises", found[0], ENROLMENT)


def title(name: str) -> str:
    return name.replace("_", " ")


async def side_by_side(do: Callable[[Item], Awaitable[Outcome]], items: Iterable[Item]) -> list[Outcome]:
    """Does all, a few at once; answers in the order of the items. When one fails, the others are stopped first."""
    room = asyncio.Semaphore(AT_ONCE)

    async def when_there_is_room(item: Item) -> Outcome:
        async with room:
            return await do(item)

    tasks = [asyncio.create_task(when_there_is_room(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
