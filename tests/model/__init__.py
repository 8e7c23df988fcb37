"""A state machine that tries the whole delivery path: random schedules of everything that may happen to it.

Real: the node with all its parts (admission, connections, fan-out, feeder, receipts, position check, heartbeat), the
detached sockets and their framing, the sender with its batches, the announcer, the due engine; and every SQL statement
is asked for by its text, with its arguments.

Modelled: Postgres (`postgres.py`: locks, commits, connections lost before and after them, a backup; `tables.py`: what
each statement does), the bus (`bus.py`: hints late, twice, in any order or never), the lines (`line.py`: full, held up,
cut, half-open), devices that do what docs/protocol.md asks (`device.py`), a push service, and the clock (`loop.py`:
time passes when nothing else can happen). Not tried here: SQL itself, Redis itself, marks, topics, withdrawals, streams
and polls.

`rules.py` is what may happen, `verbs.py` what that is made of. `ledger.py`, `watch.py` and `checks.py` tell what must
not: a message begins with the name of the check.

- stored: what was answered with a 2xx is in the inbox once. order: seqs are committed one after another, without gaps.
- unbroken: what one connection is sent is one run, from where it began, in order, nothing twice. room: nothing is
  pushed or fed to a transport that is full.
- reached: every connection whose line works comes to the head. forward: no head that a device hears goes back.
- history: a device has what the inbox has. addressed: nobody gets what was sent to others.
- receipt: delivered is what a device has, and what it said that it has stays delivered.
- pushed: what nobody acknowledged is pushed. stopped: what somebody did is not.
- busy: nothing goes on for ever within one moment.

`faults.py` puts mistakes in (`broken/`), each of which must be found: so the machine is known to look.
`HARK_MODEL_EXAMPLES=20000 .venv/bin/python -m pytest tests/model -k whatever` looks deeper.
"""
