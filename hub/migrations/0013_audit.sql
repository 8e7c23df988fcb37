-- Who did what when, a row a deed, numbered without gaps. Each hash is over the hash before and the row.
create table audit (
    n       bigint primary key,
    at      timestamptz not null,
    by      text not null,   -- id of an API key | cli
    action  text not null,
    objects json not null,   -- ids, names and counts; json, not jsonb: the hash is over its bytes
    outcome text not null,   -- done | nothing
    hash    bytea not null
);

create function refuse_change_of_audit() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end
$$;
create trigger audit_is_append_only before update or delete or truncate on audit
    for each statement execute function refuse_change_of_audit();
