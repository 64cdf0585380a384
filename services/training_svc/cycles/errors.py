"""What can go wrong with a cycle."""

from shared.errors import Problem


class GroupSize(Problem):
    code, status, title = "group-size", 409, "The group does not fit the variant"
    explanation = (
        "A variant of a module says how many enterprises a group has and how many managers and workers each sends. "
        "Change the group, or choose another variant, then confirm again."
    )


class BaselineMissing(Problem):
    code, status, title = "baseline-missing", 409, "A baseline day is missing"
    explanation = (
        "M1 starts when each enterprise of the cycle has its `baseline_on`. Name the day and try again; "
        "`errors` names the enterprises."
    )


class PrerequisiteMissing(Problem):
    code, status, title = "prerequisite-missing", 409, "An enterprise has not taken M1"
    explanation = (
        "A module other than M1 starts when somebody of each enterprise has attended M1. Record those attendances "
        "and try again; `errors` names the enterprises."
    )


class CycleCancelled(Problem):
    code, status, title = "cycle-cancelled", 409, "The cycle was cancelled"
    explanation = "A cancelled cycle takes neither attendances nor visits. Record them with the cycle that took place."


class NotAClassroomDay(Problem):
    code, status, title = "not-a-classroom-day", 422, "The cycle was not in the classroom on that day"
    explanation = (
        "An attendance is of one of the days in the cycle's `classroom`. Correct the date, or the cycle's days."
    )
