-- Every command that changed something is kept, also one that came without an id; and from where it came, as far as that is known.
alter table command add column origin text;
create index on command (projection, at);

-- Switches that wait for a second person.
create table switch_request (
    projection  text        not null,
    to_version  int         not null,
    -- What the first one was ready to put up with: who confirms has to say the same.
    concessions text        not null,
    who         text        not null,
    why         text,
    at          timestamptz not null default clock_timestamp(),
    primary key (projection, to_version)
);

-- Who had asked for it before whoever is in 'who' confirmed it; null where it took one person.
alter table switch add column asked_by text;
