"""HEAD wherever GET: the same answer without its body; what makes one with much effort finds `score.head` in its scope."""

from shared.telemetry import App, Message, Receive, Scope, Send


class HeadAsGet:
    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send(message if message["type"] == "http.response.start" else {**message, "body": b""})

        inner = {**scope, "method": "GET", "score.head": True}
        try:
            await self.app(inner, receive, bodiless)
        finally:
            scope["route"] = inner.get("route")  # for whoever logs and counts it
