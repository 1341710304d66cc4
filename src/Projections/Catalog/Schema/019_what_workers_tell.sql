-- The programs that work, by the name that their leases and sessions have, with what can be seen of them nowhere else.
create table worker (
    name     text        primary key,
    release  text        not null,
    began_at timestamptz not null default clock_timestamp()
);

-- Up to where events are folded that are not committed yet (progress_events); for progress only, and nothing where there are none.
alter table version add column progress_major bigint, add column progress_minor bigint;
