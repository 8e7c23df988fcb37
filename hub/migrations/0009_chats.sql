alter table users
    add column chats json not null default '[]';  -- [{service, target}]: addresses at chat services
