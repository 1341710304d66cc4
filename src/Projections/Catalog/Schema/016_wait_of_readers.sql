-- For how long readers may have queued behind a switch: from when its lock was asked for until it was committed. Null where nobody measured it.
alter table switch add column wait_ms double precision;
