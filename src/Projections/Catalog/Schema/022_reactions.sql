-- Messages that follow from events and from what they did to the rows of the live version. They belong to the projection: whichever version is live.

create table reaction (
    projection     text        not null references projection (name),
    name           text        not null,
    -- Of this reaction in this database: other databases have the same projections, and events at the same positions, and their messages other ids.
    id             uuid        not null default gen_random_uuid(),
    is_on          boolean     not null,
    -- From where on it was started: no event up to here has messages.
    since_major    bigint      not null,
    since_minor    bigint      not null,
    -- Up to where events have had their messages in any case, or have none: where it was started or, since then, reads were switched. Beyond it counts the
    -- checkpoint of the version that is live.
    position_major bigint      not null,
    position_minor bigint      not null,
    changed_by     text        not null,
    changed_at     timestamptz not null default clock_timestamp(),
    primary key (projection, name)
);

-- Counts how often the projection's reactions were started or stopped since the version is there. Whoever commits rows proves that he folded them with the
-- reactions that are on.
alter table version add column reactions int not null default 0;
alter table shard add column reactions int not null default 0;

-- The outbox: messages that wait to be passed on, in the order of their numbers. Whoever passes one on deletes it afterwards.
create table message (
    number         bigint      generated always as identity primary key,
    -- Made of the reaction's id, position and place: the same each time that it is passed on.
    id             uuid        not null,
    projection     text        not null,
    reaction       text        not null,
    -- The event that it follows from, which of the rows that the event touched, and which of the messages of that row.
    position_major bigint      not null,
    position_minor bigint      not null,
    nth_row        int         not null,
    nth            int         not null,
    -- The full name of its class.
    type           text        not null,
    -- As text: it holds whatever JSON may.
    body           json        not null,
    at             timestamptz not null default clock_timestamp()
);

-- What follows from the rows of a version that is ahead of the live one. It counts once reads are switched to that version, and not otherwise.
create table held_message (
    projection     text        not null,
    number         int         not null,
    id             uuid        not null,
    reaction       text        not null,
    position_major bigint      not null,
    position_minor bigint      not null,
    nth_row        int         not null,
    nth            int         not null,
    type           text        not null,
    body           json        not null
);

create index held_message_of_version on held_message (projection, number, position_major, position_minor);

-- Events to which a reaction could not react, with the row before and after, to be tried again.
create table reaction_letter (
    projection     text        not null,
    reaction       text        not null,
    -- The version whose row it is.
    number         int         not null,
    position_major bigint      not null,
    position_minor bigint      not null,
    nth_row        int         not null,
    stream         text        not null,
    stream_version bigint      not null,
    type           text        not null,
    data           bytea       not null,
    metadata       bytea       not null,
    event_time     timestamptz not null,
    tenant         text,
    row_before     json,
    row_after      json,
    error          text        not null,
    attempts       int         not null default 1,
    -- The version is ahead of the live one: it counts once reads are switched to it.
    is_held        boolean     not null,
    set_aside_at   timestamptz not null default clock_timestamp(),
    primary key (projection, reaction, position_major, position_minor, nth_row, number)
);

-- The version was live when it passed the event, which so has had no messages yet.
alter table dead_letter add column reacts boolean not null default false;
