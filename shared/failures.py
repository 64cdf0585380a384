"""What went wrong, told without a word of what was sent: an error's own text may repeat it."""

import traceback

from pydantic import ValidationError

from shared.envelope import InvalidEnvelope

PLACES = 10
FRAMES = 8


def reason(error: BaseException) -> str:
    """`KeyError at subscribers.py:41`; for a payload the fields and what is wrong with them."""
    if isinstance(error, InvalidEnvelope):
        return str(error)
    if isinstance(error, ValidationError):
        found = error.errors(include_input=False, include_url=False, include_context=False)
        places = [f"{'.'.join(map(str, one['loc'])) or 'payload'}: {one['type']}" for one in found]
        return f"invalid_payload: {'; '.join(places[:PLACES])}"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def frames_of(error: BaseException) -> list[str]:
    """The innermost places, `shared/db.py:41`."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{'/'.join(frame.filename.rsplit('/', 2)[1:])}:{frame.lineno}" for frame in frames][-FRAMES:]
