-- Since when it is on: from there on nothing is missing but what was kept long enough.
alter table feed add column since timestamptz not null default clock_timestamp();

-- Feeds that are passed on to a bus, too, as long as they stand here, and how far they are.

create table feed_publication (
    projection text        primary key references feed (projection),
    -- Of which the ids of messages are made: other databases have the same projections.
    id         uuid        not null default gen_random_uuid(),
    -- The cursor of the last message that was passed on, or behind which it began.
    number     bigint      not null,
    part       int         not null,
    line       int         not null,
    at         timestamptz not null default clock_timestamp()
);
