-- Numbers at which a version passed no event although nobody had proved that none will come (IGivenUpNumbers): time had gone by.
-- Written in the transaction that passes them, and kept until they have been looked at for long enough.
create table given_up (
    projection text        not null,
    number     int         not null,
    first      bigint      not null,
    last       bigint      not null check (last >= first),
    since      timestamptz not null,
    primary key (projection, number, first)
);

-- Events that turned up at such numbers, behind the checkpoint of a version.
create table late_event (
    projection text        not null,
    number     int         not null,
    position   bigint      not null,
    -- 'waiting' until the version's rows have it, or show nothing of it: then 'mended'.
    status     text        not null default 'waiting' check (status in ('waiting', 'mended')),
    -- Why it cannot be mended by itself.
    problem    text,
    found_at   timestamptz not null default clock_timestamp(),
    mended_at  timestamptz,
    primary key (projection, number, position)
);

create index late_event_waiting on late_event (projection, number) where status = 'waiting';
