-- Archiving: entries that a user put away. They count as read, and may be taken back.

alter table entries
    add column archived_at timestamptz;   -- null: in the list
create index entries_archived on entries (user_id, seq) where archived_at is not null;

alter table inboxes
    add column archive_rev bigint;        -- how often something was archived or taken back; null: never
