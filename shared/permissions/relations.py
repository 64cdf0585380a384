"""How a principal may be related to an object: the words of the matrix."""

from enum import StrEnum


class Relation(StrEnum):
    """Each service says in its `visibility.py` what a word means for each of its tables."""

    ALL = "all"
    COUNTRIES = "own countries"
    WITHIN = "own countries alone"
    ORGANISATION = "own organisation"
    PROVIDED = "own cycles"
    ASSIGNED = "own assignments"
    ITSELF = "itself"
    PARTY = "its partnerships"
    OPENED = "its partnerships, its members'"
    CONSENTED = "live consent"
