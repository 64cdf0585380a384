from shared.errors import Problem


class SurveyAnswered(Problem):
    code, status, title = "survey-answered", 409, "The survey has responses"
    explanation = "Its items can't change any more: what was answered must stay what was asked. Make another survey."
