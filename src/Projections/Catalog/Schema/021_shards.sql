-- History is replayed by several workers: the version's streams are cut into shards by their hash, and each has a lease and a checkpoint of its own.

-- In how many shards somebody asked for it; null: as many as there are workers and events for.
alter table version add column shards int check (shards between 1 and 64);

-- Only while the version's history is replayed: who brings that to its end makes the shards one checkpoint, and removes them; who drops the table removes them, too.
-- So who finds a shard's row with the epoch of its lease may write.
create table shard (
    projection        text   not null,
    number            int    not null,
    -- The streams whose hash lies in from_hash .. to_hash - 1.
    from_hash         bigint not null check (from_hash >= -2147483648),
    to_hash           bigint not null check (to_hash <= 2147483648),
    -- The checkpoint; null as long as there is none.
    position_major    bigint,
    position_minor    bigint,
    checkpointed_at   timestamptz,
    -- Where it ends: a safe head, the same for all shards of a version.
    end_major         bigint not null,
    end_minor         bigint not null,
    last_event_major  bigint,
    last_event_minor  bigint,
    last_event_hash   bigint,
    activity          text,
    events_done       bigint not null default 0,
    -- Read and folded, but not yet committed; for progress only.
    progress_events   bigint not null default 0,
    progress_major    bigint,
    progress_minor    bigint,
    events_per_second double precision,
    lease_holder      text,
    lease_epoch       bigint not null default 0,
    lease_until       timestamptz,
    primary key (projection, number, from_hash),
    foreign key (projection, number) references version,
    check (from_hash < to_hash),
    check ((position_major is null) = (position_minor is null))
)
-- Rows change often and stay small: room for HOT updates.
with (fillfactor = 50);
