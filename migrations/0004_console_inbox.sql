-- What came to the console's built-in inbox: the newest callbacks of each, for an hour. `expires_at` is epoch milliseconds.
create table inbox_callbacks (
  inbox_id text not null,
  received_at integer not null,
  webhook_id text not null,
  headers text not null,
  body text not null,
  expires_at integer not null,
  primary key (inbox_id, received_at)
) strict, without rowid;

create index inbox_callbacks_expiring on inbox_callbacks (expires_at);
