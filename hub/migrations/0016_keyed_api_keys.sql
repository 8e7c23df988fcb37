-- The digest of an API key is made with a key that the database does not have. Those of before are not: `hark migrate`
-- goes on and makes them so.

alter table api_keys rename column digest to sha256;
alter table api_keys
    alter column sha256 drop not null,
    add column digest bytea unique, -- HMAC of the SHA-256 of the whole key: by which it is found
    add constraint api_keys_digest check (num_nonnulls(sha256, digest) = 1);
