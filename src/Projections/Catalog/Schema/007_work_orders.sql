-- Work that takes longer than whoever asks can wait: comparisons, repairs, rehearsals. Any worker does it, and what came of it
-- is looked up here. That an order is being worked on is not written down: its worker holds an advisory lock, which goes with it.
create table work_order (
    -- The key of the advisory lock.
    number       int         generated always as identity primary key,
    -- The command's id, by which whoever asked finds it.
    id           uuid        not null unique,
    projection   text        not null,
    version      int         not null,
    work         jsonb       not null,
    who          text        not null,
    why          text,
    requested_at timestamptz not null default clock_timestamp(),
    -- The last worker that took it.
    worker       text,
    started_at   timestamptz,
    ended_at     timestamptz,
    -- In a sentence, and in full; or why nothing came of it.
    outcome      text,
    result       jsonb,
    failure      text
);

create index work_order_of_projection on work_order (projection, number);
create index work_order_open on work_order (number) where ended_at is null;
