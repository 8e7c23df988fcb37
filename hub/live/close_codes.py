"""Close codes of `hark.v1`. The range carries the verdict: below 4500 reconnect with back-off, from 4500 on stop."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Why the hub closed a connection."""

    DRAIN = 4000  # this node stops; another one, or its successor, is there
    EXPIRED = 4001  # the user token's time is over: fetch a new one, then reconnect
    NO_HELLO = 4002  # nothing said within the hello deadline
    UNAVAILABLE = 4003  # the inbox cannot be read right now, or is not the one it was
    TOO_SLOW = 4008  # did not read what was sent, or did not answer pings
    TOO_MANY_FRAMES = 4009  # said more a second than a client has to say
    BAD_TOKEN = 4500  # not a token of this hub
    PROTOCOL = 4501  # said what the protocol does not know
    REPLACED = 4504  # the user has opened too many others since
