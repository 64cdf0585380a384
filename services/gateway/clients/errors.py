from shared.errors import Problem


class OwnClient(Problem):
    code, status, title = "own-client", 409, "You are asking with this client"
    explanation = (
        "This would end the token you are asking with, and perhaps leave nobody who can let machines in. "
        "Have another administrator do it."
    )
