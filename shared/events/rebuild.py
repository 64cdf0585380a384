"""A subscriber asks the owner of an aggregate to tell all its present states again, as snapshots."""

from typing import ClassVar

from shared.events import Event


class RebuildRequested(Event):
    """`id` is new for each request; `aggregate` is the word of `Subscriptions.snapshots`."""

    aggregate: str


class EnterpriseRebuildRequested(RebuildRequested):
    subject: ClassVar[str] = "score.enterprise.rebuild.requested.v1"


class TrainingRebuildRequested(RebuildRequested):
    subject: ClassVar[str] = "score.training.rebuild.requested.v1"


class MetricsRebuildRequested(RebuildRequested):
    subject: ClassVar[str] = "score.metrics.rebuild.requested.v1"


BY_SUBSCRIBER: dict[str, type[RebuildRequested]] = {
    "enterprise": EnterpriseRebuildRequested,
    "training": TrainingRebuildRequested,
    "metrics": MetricsRebuildRequested,
}
