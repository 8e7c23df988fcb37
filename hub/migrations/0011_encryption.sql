-- Device tokens, addresses and signing secrets are encrypted, and begin with `sealed:`. What is there already is not:
-- `hark migrate` goes on and encrypts it. Once all of a column is, Postgres takes nothing else there.

create table encryption_keys (
    name       text primary key,          -- in HARK_ENCRYPTION_KEYS; rows may be encrypted with it
    proof      bytea not null,            -- by which it is known again
    created_at timestamptz not null default now()
);

do $$ begin
    if not exists (select from sessions) then
        alter table sessions add constraint sessions_token_sealed check (starts_with(token, 'sealed:'));
    end if;
    if not exists (select from users) then
        alter table users add constraint users_email_sealed check (starts_with(email, 'sealed:'));
        alter table users add constraint users_phone_sealed check (starts_with(phone, 'sealed:'));
        alter table users add constraint users_chats_sealed check (starts_with(chats, 'sealed:'));
    end if;
    if not exists (select from webhook_secrets) then
        alter table webhook_secrets add constraint webhook_secrets_secret_sealed check (starts_with(secret, 'sealed:'));
    end if;
end $$;
