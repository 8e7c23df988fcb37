-- User tokens that are good no more before their time is over.

create table revocations (
    kind          text        not null check (kind in ('user', 'session', 'token')),
    subject       text        not null, -- a user's id, or what tokens say as `sid` or `jti`
    issued_before timestamptz not null, -- which tokens; of one token: it
    forgotten_at  timestamptz not null, -- the last of them has expired
    revision      bigint      not null,
    primary key (kind, subject)
);
create index revocations_revision on revocations (revision);
create index revocations_forgotten_at on revocations (forgotten_at);

-- One row. Who revokes holds it until the commit: whoever reads a revision finds all up to it.
create table revocation_state (
    only_one boolean primary key default true check (only_one),
    revision bigint not null default 0
);
insert into revocation_state default values;
