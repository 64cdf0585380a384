"""What an operator reads of imports: how many rows, and what became of them."""

from dataclasses import asdict

from prometheus_client import Counter

from shared.imports.jobs import Tally
from shared.telemetry import Metrics


class ImportFigures:
    def __init__(self, metrics: Metrics) -> None:
        self._rows = Counter(
            "score_import_rows", "Rows of files worked through", ("collection", "outcome"), registry=metrics.registry
        )

    def count(self, collection: str, tally: Tally) -> None:
        for outcome, rows in asdict(tally).items():
            self._rows.labels(collection, outcome).inc(rows)
