-- API keys: what each may do, until when, and when it was last used.

alter table api_keys
    add column role         text,        -- a name that the code gives its meaning, or else:
    add column scopes       text[],
    add column expires_at   timestamptz, -- null: never
    add column last_used_at timestamptz; -- to a minute or so; null: never, or not since this column is there

update api_keys set role = 'admin';  -- every key could do everything until now

alter table api_keys add constraint api_keys_grant check (num_nonnulls(role, scopes) = 1);
