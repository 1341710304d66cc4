-- The last event that a version has folded, by its place and a hash of what it is. A store that has another event there was restored to
-- an earlier point and filled again.
alter table version
    add column last_event_major bigint,
    add column last_event_minor bigint,
    add column last_event_hash  bigint;

-- The table that the read name shows while its version is built anew, in this schema. It goes with the next switch.
alter table projection add column kept_table text;
