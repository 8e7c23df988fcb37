alter table users
    add column chats text;  -- JSON, [{service, target}]: addresses at chat services; null: none
