create table webhooks (
    id              uuid primary key,
    url             text not null,
    events          text[],               -- which types; null: all, those of later versions too
    description     text not null,
    created_at      timestamptz not null default now(),
    disabled_at     timestamptz,          -- null: enabled
    disabled_reason text,                 -- requested | gone | failing
    failing_since   timestamptz,          -- the first failure since the last success
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_failure    text                  -- what came back, in words
);

-- Plain: they sign. The newest is in use; one that was rotated out goes on signing beside it for a while.
create table webhook_secrets (
    webhook_id uuid not null,
    secret     text not null,
    created_at timestamptz not null default clock_timestamp(),
    until      timestamptz,               -- null: in use
    primary key (webhook_id, secret)
);

-- Events that are still to be told, a row for each webhook that wants one, written by the statement that changes what
-- they tell of. No foreign key: a webhook is deleted without a wait for them, and the worker sweeps up what is left.
create table webhook_events (
    id         uuid primary key default gen_random_uuid(),
    webhook_id uuid not null,
    type       text not null,
    data       json not null,
    created_at timestamptz not null default now(),
    due_at     timestamptz not null default now(),  -- a claim moves it to the end of its lease
    fence      integer not null default 0,          -- counts claims
    failures   smallint not null default 0          -- calls that failed
);
create index webhook_events_due on webhook_events (webhook_id, due_at);
