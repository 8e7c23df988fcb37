alter table notifications
    add column ladder json;               -- null: the default one

alter table entries
    add column goal       smallint not null default 0,      -- what ends the ladder: 0 an ack, 1 seen, 2 read
    add column background boolean  not null default false,  -- acknowledged, but only by devices nobody looked at
    add column rank       smallint not null default 2,      -- of its priority: 0 critical, 1 high, 2 normal, 3 low
    add column sender     text     not null default '';     -- id of the API key: senders take turns
drop index entries_due;
create index entries_due on entries (rank, sender, due_at) where due_at is not null;

alter table sessions
    add column provider text;             -- whose token it is: apns | fcm | webpush
update sessions set provider = case platform when 'ios' then 'apns' when 'android' then 'fcm' else 'webpush' end;
alter table sessions alter column provider set not null;

create table users (
    user_id    text primary key,
    email      text,
    phone      text,
    email_gone json,                      -- what the mail server said when it called the address dead
    phone_gone json,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

alter table entries
    add column replayed_at timestamptz;   -- attempts before it count no more
create index entries_dead on entries (failed_at, user_id, seq) where failed_at is not null and failure <> 'no_target';
