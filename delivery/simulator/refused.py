"""A push that the simulated service does not take, with the reason a developer reads."""

import msgspec


class Refused(msgspec.Struct, frozen=True):
    status: int
    reason: str
