-- Rows that somebody wants folded anew from their events. Done by whoever follows the version, because nobody else may write its
-- table: one line a transaction.
create table repair (
    id           bigint      generated always as identity primary key,
    projection   text        not null,
    number       int         not null,
    -- An array of keys, each an array of the texts of its parts.
    keys         jsonb       not null,
    status       text        not null default 'waiting' check (status in ('waiting', 'done', 'failed')),
    rows_before  int,
    rows_after   int,
    failure      text,
    who          text        not null,
    why          text,
    requested_at timestamptz not null default clock_timestamp(),
    ended_at     timestamptz
);

create index repair_waiting on repair (projection, number, id) where status = 'waiting';
