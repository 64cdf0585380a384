"""`python -m shared.migrations <service>...`: to the present schema; `--make "why"` writes a revision, `--check` misses none."""

import argparse
import gc
import os

from alembic import command

from shared.migrations import PACKAGES, config_for, version_folders
from shared.settings import Environment


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m shared.migrations", epilog="for example: python -m shared.migrations enterprise"
    )
    parser.add_argument("services", metavar="service", nargs="+", choices=sorted(PACKAGES))
    parser.add_argument("--make", metavar="WHY", help="write a revision that brings the schema to the models")
    parser.add_argument("--common", action="store_true", help="with --make: a revision of the tables every service has")
    parser.add_argument("--check", action="store_true", help="fail if the models and the schema differ")
    parser.add_argument(
        "--bare", action="store_true", help="no rights and no fence: the models may be ahead of the schema"
    )
    options = parser.parse_args()
    gc.disable()  # a short life, most of it imports: nothing of it is garbage
    for service in options.services:
        carry_out(service, options)


def carry_out(service: str, options: argparse.Namespace) -> None:
    config = config_for(service, Environment(os.environ).need(f"SCORE_MIGRATION_URL_{service.upper()}"))
    # who only looks changes nothing: to put up the fence, each table is locked against everybody who works on it
    config.attributes["bare"] = bool(options.bare or options.make or options.check)
    if options.make:
        folder = version_folders(service)[0 if options.common else -1]
        command.revision(
            config, options.make, autogenerate=True, version_path=str(folder), head=own_head(config, str(folder))
        )
    elif options.check:
        command.check(config)
    else:
        command.upgrade(config, "heads")
        print(f"database of {service}: schema up to date")


def own_head(config: object, folder: str) -> str:
    """The head of the line kept in `folder`; a first revision there starts a line of its own."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(config)  # type: ignore[arg-type]
    heads = [revision for revision in script.get_revisions("heads") if revision and revision.path.startswith(folder)]
    return heads[0].revision if heads else "base"


main()
