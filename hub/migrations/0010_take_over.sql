-- Device tokens that another user may not take by knowing them.

alter table sessions add column secret_digest bytea;  -- keyed, of the installation's secret; null: it told none
