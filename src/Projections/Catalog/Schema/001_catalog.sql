-- The catalog of projections: what exists, how far it is, who works on it, and what happened.
-- Runs with the schema "projections" created and as the only one on the search path.

create table projection (
    name          text        primary key,
    -- Where its events come from (IEventSource.Identity): a checkpoint means nothing in another source.
    source        text        not null,
    -- The version that the read name points to; null before the first switch.
    live_version  int,
    -- Counts the switches. Written in the switch's own transaction, so that whoever lost the connection during COMMIT
    -- learns by looking whether it happened.
    generation    bigint      not null default 0,
    -- The columns that the read name shows when it was switched with its contract kept; null when it shows all.
    contract      text[],
    created_at    timestamptz not null default clock_timestamp()
);

create table version (
    projection        text        not null references projection (name),
    number            int         not null check (number >= 1),
    state             text        not null check (state in ('planned', 'building', 'replaying', 'catching-up', 'ready',
                                                            'live', 'standby', 'retired', 'paused', 'failed')),
    -- What a paused or failed version goes back to.
    resume_state      text,
    -- Written by another program (adopted): it has no handler and no checkpoint here.
    external          boolean     not null default false,
    -- Hash of the folder (SQL and C#) that the table was built with.
    manifest          text,
    -- True from the transaction that created the table to the one that dropped it: the table is ours.
    has_table         boolean     not null default false,
    -- The checkpoint: the position up to which the rows are complete. Null: nothing is known, so never caught up.
    position_major    bigint,
    position_minor    bigint,
    checkpointed_at   timestamptz,
    -- Advanced together with the others of its projection by one worker, in one transaction.
    lockstep          boolean     not null default false,
    -- Caught up closely enough to be taken into the lockstep by whoever leads it.
    joinable          boolean     not null default false,
    -- The transaction in which it last entered the lockstep: a snapshot older than this sees a half-built table.
    joined_xid        xid8,
    -- A moment at which that transaction had committed: whoever began later cannot have an older snapshot.
    joined_at         timestamptz,
    switch_when_ready boolean     not null default false,
    -- Events a second at most while replaying; null: no limit.
    throttle          int         check (throttle > 0),
    -- What it is doing within its state, for people: 'creating indexes'.
    activity          text,
    events_done       bigint      not null default 0,
    events_total      bigint,
    -- Read and folded, but not yet committed; for progress only.
    progress_events   bigint      not null default 0,
    events_per_second double precision,
    failure           text,
    failure_major     bigint,
    failure_minor     bigint,
    -- How often it fell out of the lockstep since it last stayed in for a while.
    drop_outs         int         not null default 0,
    lease_holder      text,
    lease_epoch       bigint      not null default 0,
    lease_until       timestamptz,
    requested_at      timestamptz not null default clock_timestamp(),
    started_at        timestamptz,
    replayed_at       timestamptz,
    ready_at          timestamptz,
    primary key (projection, number),
    check ((position_major is null) = (position_minor is null))
)
-- Rows change often and stay small: room for HOT updates.
with (fillfactor = 50);

create unique index one_live_version on version (projection) where state = 'live';
create unique index one_rebuild on version (projection) where state in ('planned', 'building', 'replaying');

create table transition (
    id             bigint      generated always as identity primary key,
    projection     text        not null,
    number         int         not null,
    from_state     text,
    to_state       text        not null,
    position_major bigint,
    position_minor bigint,
    who            text        not null,
    why            text,
    at             timestamptz not null default clock_timestamp()
);

create index transition_of_version on transition (projection, number, id);

create table switch (
    projection     text        not null,
    generation     bigint      not null,
    from_version   int,
    to_version     int         not null,
    position_major bigint,
    position_minor bigint,
    -- How the read name was changed: 'created', 'replaced' or 'recreated'.
    manner         text        not null,
    attempts       int         not null,
    who            text        not null,
    why            text,
    at             timestamptz not null default clock_timestamp(),
    primary key (projection, generation)
);

create table dead_letter (
    projection     text        not null,
    number         int         not null,
    position_major bigint      not null,
    position_minor bigint      not null,
    stream         text        not null,
    stream_version bigint      not null,
    type           text        not null,
    data           bytea       not null,
    metadata       bytea       not null,
    event_time     timestamptz not null,
    tenant         text,
    stage          text        not null,
    error          text        not null,
    -- 'waiting', 'retry' (asked for), 'resolved' (a retry worked) or 'discarded'.
    status         text        not null default 'waiting' check (status in ('waiting', 'retry', 'resolved', 'discarded')),
    attempts       int         not null default 1,
    set_aside_at   timestamptz not null default clock_timestamp(),
    decided_by     text,
    decided_at     timestamptz,
    primary key (projection, number, position_major, position_minor)
);

create index dead_letter_to_retry on dead_letter (projection, number) where status = 'retry';

-- Commands that were carried out, by the id that their sender gave: a second delivery finds its answer here.
create table command (
    id         uuid        primary key,
    verb       text        not null,
    projection text        not null,
    outcome    text        not null,
    who        text        not null,
    why        text,
    at         timestamptz not null default clock_timestamp()
);
