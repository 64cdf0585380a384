"""What of a table may be told to whoever asks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RowTold:
    """`reporters`: the row at all. `trained`: how many were trained, and what is computed of it. `amounts`: mean or sums. `gain`:
    what those who said no before now do."""

    reporters: bool = True
    trained: bool = True
    amounts: bool = True
    gain: bool = True


WHOLE_ROW = RowTold()
NO_ROW = RowTold(reporters=False, trained=False, amounts=False, gain=False)
