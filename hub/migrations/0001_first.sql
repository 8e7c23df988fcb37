-- Everything is keyed by user_id, so that the tables can be partitioned by it later.
-- No foreign keys between the big tables: retention removes whole ranges of them, and a check a row is a read a row.

create table inboxes (
    user_id    text primary key,
    head       bigint not null,  -- seq of the newest entry; the row's lock is what makes seq order commit order
    unread     bigint not null,
    updated_at timestamptz not null default now()
);

create table notifications (
    id         uuid primary key,
    title      text not null,
    message    text not null,
    data       json not null,  -- json, not jsonb: given back byte for byte
    priority   text not null,
    sender     text not null,  -- id of the API key
    created_at timestamptz not null default now()
);

create table entries (
    user_id         text not null,
    seq             bigint not null,
    notification_id uuid not null,
    created_at      timestamptz not null default now(),
    expires_at      timestamptz,
    acked_at        timestamptz,
    seen_at         timestamptz,
    read_at         timestamptz,
    pushed_at       timestamptz,         -- a provider accepted it
    failed_at       timestamptz,         -- the ladder ended and nobody accepted it
    failure         text,                -- why
    step            smallint not null,   -- the ladder's step that runs at due_at
    due_at          timestamptz,         -- null: nothing is left to do; a claim moves it to the end of its lease
    fence           integer not null default 0,  -- counts claims; a worker whose lease is over writes nothing
    primary key (user_id, seq)
);
create index entries_due on entries (due_at) where due_at is not null;
create index entries_notification on entries (notification_id, user_id);

create table sessions (
    id            uuid primary key,
    user_id       text not null,
    platform      text not null,
    app           text not null,
    token         text not null,
    token_digest  bytea not null,
    locale        text,
    timezone      text,
    state         text not null,      -- active | gone
    evidence      json,               -- what the provider said when it called the token gone
    created_at    timestamptz not null default now(),
    registered_at timestamptz not null default now(),  -- last time the device confirmed its token
    gone_at       timestamptz
);
create unique index sessions_token on sessions (token_digest) where state = 'active';
create index sessions_user on sessions (user_id);

create table attempts (
    user_id         text not null,
    seq             bigint not null,
    step            smallint not null,
    session_id      uuid not null,
    number          smallint not null,
    notification_id uuid not null,
    channel         text not null,
    fence           integer not null,
    started_at      timestamptz not null default now(),
    finished_at     timestamptz,      -- null: in flight, or its worker died
    outcome         text,
    code            text,             -- the provider's own word
    provider_id     text,
    retry_at        timestamptz,      -- null on a finished attempt: it was the last one at this target
    primary key (user_id, seq, step, session_id, number)
);
create index attempts_started on attempts using brin (started_at);

create table api_keys (
    id         text primary key,
    digest     bytea not null,        -- SHA-256 of the whole key: 256 random bits need no slow hash
    name       text not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);
