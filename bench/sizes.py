"""How much of everything: the goals are told at the sizes of `full`, the others are for a look in between."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    pairs: int  # of runs, reference and candidate
    requests: int  # of one run
    rows: int  # of an imported file
    many_rows: int  # of the file whose import is watched for its memory
    events: int  # of one run at 100 a second
    outbox: int  # events that wait
    enterprises: int  # of the large registry; the small one has 10,000
    observations: int  # that a results table is made of


SIZES = {
    "small": Size(2, 100, 300, 2_000, 100, 2_000, 20_000, 20_000),
    "moderate": Size(5, 800, 2_000, 10_000, 300, 5_000, 1_000_000, 200_000),
    "full": Size(7, 3_000, 10_000, 1_000_000, 1_000, 10_000, 1_000_000, 1_000_000),
}
FEW_ENTERPRISES = 10_000
