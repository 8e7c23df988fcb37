-- What providers and lock screens see instead of title, message and data; null: those.
alter table notifications add column push_text text;
