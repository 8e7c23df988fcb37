"""The servers that are measured, one file each."""

from bench.server import Server
from bench.servers.centrifugo import Centrifugo
from bench.servers.django_channels import DjangoChannels
from bench.servers.floor import Floor
from bench.servers.hark import Hark
from bench.servers.nchan import Nchan
from bench.servers.python_socketio import PythonSocketIO
from bench.servers.socketio import SocketIO


def every() -> list[Server]:
    """In the order of the tables."""
    return [Floor(), Hark(), Nchan(), SocketIO(), Centrifugo(), PythonSocketIO(), DjangoChannels()]
