-- Every entry of a cancelled notification is withdrawn: null while there may be some left, which the worker looks for.
alter table notifications
    add column withdrawn_at timestamptz;
update notifications set withdrawn_at = cancelled_at where cancelled_at is not null;
create index notifications_cancelling on notifications (cancelled_at)
    where cancelled_at is not null and withdrawn_at is null;
