-- A comparison of two versions that is under way, a range of keys at a time, so that whoever takes it up goes on behind the last one.
create table comparison (
    projection       text        not null,
    earlier          int         not null,
    later            int         not null,
    earlier_manifest text,
    later_manifest   text,
    -- When its first snapshot was taken, and at which position.
    at               timestamptz not null,
    position_major   bigint      not null,
    position_minor   bigint      not null,
    -- The last key that was compared, and what was found up to it.
    compared_through text[]      not null,
    result           jsonb       not null,
    saved_at         timestamptz not null default clock_timestamp(),
    primary key (projection, earlier, later)
);
