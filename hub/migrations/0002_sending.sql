-- Sending: idempotency, de-duplication, replacing, cancelling, expiry, topics, and audiences too large for one commit.

alter table notifications
    add column topic        text,
    add column expires_at   timestamptz,
    add column collapse_key text,
    add column cancelled_at timestamptz;

alter table entries
    add column collapse_key text,         -- a newer entry with the same key replaces this one while it is unread
    add column withdrawn_at timestamptz,  -- it is shown no more and its ladder ended
    add column withdrawal   text;         -- why: cancelled | replaced | expired
create index entries_collapse on entries (user_id, collapse_key)
    where collapse_key is not null and read_at is null and withdrawn_at is null;
create index entries_expiry on entries (expires_at) where expires_at is not null and withdrawn_at is null;

create table idempotency (
    sender      text not null,            -- id of the API key
    key         text not null,
    fingerprint bytea not null,           -- SHA-256 of the request
    answer      json,                     -- written in the transaction that inserts the row: others never see null
    created_at  timestamptz not null default now(),
    primary key (sender, key)
);
create index idempotency_created on idempotency (created_at);

create table dedupes (
    user_id         text not null,
    key             text not null,
    notification_id uuid not null,        -- the first one; what comes until then is not stored again
    until           timestamptz not null,
    primary key (user_id, key)
);
create index dedupes_until on dedupes (until);

create table topics (
    topic      text primary key,
    members    bigint not null default 0,
    created_at timestamptz not null default now()
);

create table topic_members (
    topic    text not null,
    user_id  text not null,
    added_at timestamptz not null default now(),
    primary key (topic, user_id)
);

-- Users that a notification has still to be stored for, in order of their ids, a batch a transaction.
create table audiences (
    notification_id uuid primary key,
    topic           text,                 -- its members, or else user_ids
    user_ids        text[],
    exclude         text[] not null,
    dedupe_key      text,
    dedupe_window_s integer,
    planned         bigint not null,      -- how many users there were when it was accepted
    stored          bigint not null default 0,
    after_user      text not null default '',
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    finished_at     timestamptz
);
create index audiences_open on audiences (updated_at) where finished_at is null;
