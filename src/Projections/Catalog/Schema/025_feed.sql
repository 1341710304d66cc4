-- A feed of what the view of a projection shows: whichever version is live. Off unless asked for, and then nothing is written.

create table feed (
    projection text        primary key references projection (name),
    is_on      boolean     not null,
    -- What is older, or more than so many rows, is dropped.
    keep_for   interval    not null,
    keep_rows  bigint,
    changed_by text        not null,
    changed_at timestamptz not null default clock_timestamp()
);

-- Numbers are drawn behind the lock of the row of the version that is live, so that those of a projection are committed in their order.
create sequence feed_number;

create table feed_entry (
    projection     text        not null,
    number         bigint      not null default nextval('projections.feed_number'),
    -- 0, or which part of the rows that follow a switch.
    part           int         not null default 0,
    -- start, changes (by events, in their turn), correction (of rows, out of it), switched, rows (in which the versions of a switch differ), settled (that was all of them).
    kind           text        not null,
    version        int         not null,
    -- Up to which position the rows are folded.
    position_major bigint      not null,
    position_minor bigint      not null,
    -- Of a switch: the version that readers saw before, as long as its table is there; and whether the rows in which they differ are still to be found.
    -- Nothing behind a switch is read before its rows are there.
    from_version   int,
    is_pending     boolean     not null default false,
    rows           int         not null,
    -- A line of JSON for each event, or for some rows.
    body           text        not null,
    at             timestamptz not null default clock_timestamp(),
    primary key (projection, number, part)
);

create index feed_entry_pending on feed_entry (projection, number) where is_pending;

-- Rows of both versions of a switch, as they were at it, that have changed since: until the rows in which the versions differ are found.
create table feed_touched (
    projection text   not null,
    number     bigint not null,
    version    int    not null,
    key        text   not null,
    -- The row at the switch, if there was one.
    before     text,
    primary key (projection, number, version, key)
);
