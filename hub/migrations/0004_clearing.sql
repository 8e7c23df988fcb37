-- Users some of whose devices may show what they have read, or what was withdrawn, by now.
create table clearings (
    user_id     text primary key,
    seqs        bigint[] not null,         -- entries; what comes while a worker has the row is behind what it took
    due_at      timestamptz not null,
    lease_until timestamptz,               -- null: no worker has it
    fence       integer not null default 0,
    tries       smallint not null default 0
);
create index clearings_due on clearings (due_at);

alter table attempts
    add column cleared_at timestamptz;     -- the provider took the word that it is to be shown no more
