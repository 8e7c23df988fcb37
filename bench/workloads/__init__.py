"""The workloads, one file each."""

from bench.workload import Study, Workload
from bench.workloads.audience import Audience
from bench.workloads.broadcast import BackToBack, Paced
from bench.workloads.connections import Connections
from bench.workloads.large_topic import LargeTopic
from bench.workloads.one_to_one import OneToOne
from bench.workloads.outage import Outage
from bench.workloads.promptness import Promptness
from bench.workloads.pushes import Pushes
from bench.workloads.redis_away import RedisAway
from bench.workloads.resume import Resume
from bench.workloads.roads import Roads
from bench.workloads.sending import Sending
from bench.workloads.slow_readers import SlowReaders
from bench.workloads.stored import Acknowledged, Stored
from bench.workloads.two_nodes import TwoNodes, TwoNodesBroadcast


def every() -> list[Workload | Study]:
    """In the order of the tables."""
    return [
        Paced(),
        BackToBack(),
        OneToOne(),
        Connections(),
        Stored(),
        Acknowledged(),
        Sending(),
        Audience(),
        Promptness(),
        LargeTopic(),
        Pushes(),
        Roads(),
        Outage(),
        RedisAway(),
        Resume(),
        SlowReaders(),
        TwoNodes(),
        TwoNodesBroadcast(),
    ]
