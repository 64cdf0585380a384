from shared.errors import Problem


class UnitUnknown(Problem):
    code, status, title = "unit-unknown", 422, "The indicator takes other units"
    explanation = "`unit` is the unit of the numerator, and each indicator takes its own; `errors` names them."


class ComputedIndicator(Problem):
    code, status, title = "computed-indicator", 422, "This indicator is computed"
    explanation = "It takes no observations: it is computed from what is recorded elsewhere, KPI01 from savings."
