"""`python -m shared.audit verify <service>`: 0 if the history is as it was sealed, 1 if not, 2 if it could not be looked at.

Reads SCORE_DATABASE_URL_<SERVICE> and, to check heads, SCORE_SECRET. Heads are in the service's log, one an hour and one at each
end: `--heads` takes the log itself, or any part of it that was kept elsewhere.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
from sqlalchemy.exc import SQLAlchemyError

from shared.audit.chain import Head
from shared.audit.verify import Report, verify
from shared.db import create_engine
from shared.migrations import PACKAGES
from shared.settings import Environment


def main() -> None:
    options = arguments()
    env = Environment(os.environ)
    heads = list(heads_of(options, env)) if options.heads or options.head else []
    url = env.need(f"SCORE_DATABASE_URL_{options.service.upper()}")
    try:
        report = asyncio.run(verified(url, options.service, heads))
    except (SQLAlchemyError, OSError) as error:
        print(f"{options.service}: the database can't be read: {type(error).__name__}", file=sys.stderr)
        sys.exit(2)
    tell(report, len(heads))
    sys.exit(1 if report.wrong else 0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m shared.audit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=["verify"])
    parser.add_argument("service", choices=sorted(PACKAGES))
    parser.add_argument("--heads", metavar="LOG", type=Path, action="append", default=[], help="a log with heads in it")
    parser.add_argument("--head", metavar="HEAD", action="append", default=[], help="one head, as the log has it")
    return parser.parse_args()


def heads_of(options: argparse.Namespace, env: Environment) -> Iterator[Head]:
    """Those of the service; one that this installation did not sign ends the command."""
    secret = env.need("SCORE_SECRET")
    texts = [*options.head, *(text for log in options.heads for text in heads_in(log))]
    for text in texts:
        try:
            head = Head.read(text, secret)
        except ValueError:
            print(f"This head was not signed with SCORE_SECRET: {text}", file=sys.stderr)
            sys.exit(2)
        if head.service == options.service:
            yield head


def heads_in(log: Path) -> Iterator[str]:
    with log.open("rb") as lines:
        for line in lines:
            if b'"history head"' in line:
                yield orjson.loads(line)["head"]


async def verified(url: str, service: str, heads: list[Head]) -> Report:
    engine = create_engine(url, pool_size=1, application_name="audit")
    try:
        return await verify(engine, service, heads)
    finally:
        await engine.dispose()


def tell(report: Report, heads: int) -> None:
    head = report.head
    for fault in report.wrong:
        print(f"{head.service}: {fault}")
    for note in report.notes:
        print(f"{head.service}: note: {note}")
    if not report.wrong:
        print(f"{head.service}: {head.seq} changes are as they were sealed ({heads} heads held against them).")
    print(f"{head.service}: the chain is good up to seq {head.seq}, {head.hash.hex()}")


if __name__ == "__main__":
    main()
