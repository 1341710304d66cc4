-- Events that somebody decided to set aside although their version stops at such. The version's fold makes each a dead letter
-- when it comes to it again.
create table set_aside (
    projection     text        not null,
    number         int         not null,
    position_major bigint      not null,
    position_minor bigint      not null,
    -- Why the version had stopped there.
    error          text        not null,
    who            text        not null,
    why            text        not null,
    at             timestamptz not null default clock_timestamp(),
    primary key (projection, number, position_major, position_minor)
);
