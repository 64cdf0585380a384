"""A file as it arrives: received whole into a spool file before anybody looks at a row."""

import hashlib
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

from starlette.requests import ClientDisconnect, Request

from shared import errors
from shared.imports.files import TAKEN

IN_MEMORY = 1024 * 1024
UTF8 = ("utf-8", "utf8")


@dataclass(frozen=True)
class Upload:
    file: IO[bytes]
    size: int
    digest: bytes
    media_type: str

    def close(self) -> None:
        self.file.close()


class Uploads:
    """Receives files; how large they may be is the business of `shared.limits`."""

    async def receive(self, request: Request) -> Upload:
        media_type = media_type_of(request)
        file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the exchange closes it
        try:
            digest, size = hashlib.sha256(), 0
            async for piece in request.stream():
                digest.update(piece)
                size += len(piece)
                file.write(piece)
        except ClientDisconnect as error:
            file.close()
            raise errors.MalformedRequest("The file did not arrive whole.") from error
        except BaseException:
            file.close()
            raise
        return Upload(file, size, digest.digest(), media_type)


def media_type_of(request: Request) -> str:
    """415 for what is no file of ours, also for a declared charset other than UTF-8."""
    values = request.headers.getlist("content-type")
    kind, *params = (part.strip().lower() for part in (values[0] if len(values) == 1 else "").split(";"))
    charset = next((param[8:].strip('"') for param in params if param.startswith("charset=")), "utf-8")
    if kind not in TAKEN or charset not in UTF8:
        raise errors.UnsupportedMediaType(headers={"Accept-Post": ", ".join(TAKEN)})
    return kind
