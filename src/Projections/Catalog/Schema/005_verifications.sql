-- Comparisons of two versions of a projection, newest last: what a switch can ask for before it moves reads.
create table verification (
    id               bigint      generated always as identity primary key,
    projection       text        not null,
    earlier          int         not null,
    later            int         not null,
    -- The folders that the two tables had been built with: another handler is another version to prove.
    earlier_manifest text,
    later_manifest   text,
    position_major   bigint,
    position_minor   bigint,
    agrees           boolean     not null,
    report           jsonb       not null,
    took_ms          bigint      not null,
    who              text        not null,
    why              text,
    -- When its snapshot was taken.
    at               timestamptz not null
);

create index verification_of_versions on verification (projection, earlier, later, id);
