-- What the catch-up checks found, one row a version and check.
create table catch_up_check (
    id             bigint           generated always as identity primary key,
    projection     text             not null,
    number         int              not null,
    verdict        text             not null check (verdict in ('healthy', 'lagging', 'stuck', 'broken')),
    findings       jsonb            not null,
    state          text             not null,
    position_major bigint,
    position_minor bigint,
    events_done    bigint           not null,
    lag_events     bigint,
    lag_seconds    double precision,
    -- When the checkpoint or the progress was last seen to have moved, or there was nothing to do.
    moved_at       timestamptz      not null,
    -- What was done about it.
    actions        text[]           not null default '{}',
    at             timestamptz      not null
);

create index catch_up_check_of_version on catch_up_check (projection, number, id);

-- When each schedule fired last, so that each fire takes place once, whichever worker's clock strikes first, and those that
-- were missed while no worker ran are made up for once.
create table check_schedule (
    projection text        primary key,
    last_fire  timestamptz not null,
    claimed_by text        not null
);
