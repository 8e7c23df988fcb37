-- Revocations that are listed, and undone.

alter table revocations
    add column id     uuid    not null default gen_random_uuid(), -- another one each time its subject is revoked
    add column undone boolean not null default false;             -- stays until it is forgotten: all nodes have to read it
create unique index revocations_id on revocations (id);
