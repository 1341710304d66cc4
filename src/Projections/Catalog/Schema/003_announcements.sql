-- What is to be told to whoever wants to know, written in the transaction of the change itself, so that nothing is told that
-- did not happen and nothing that happened is forgotten. Whoever passes it on deletes it afterwards.
create table announcement (
    number     bigint      generated always as identity primary key,
    id         uuid        not null default gen_random_uuid(),
    kind       text        not null,
    projection text        not null,
    version    int         not null,
    who        text        not null,
    why        text,
    details    jsonb       not null,
    at         timestamptz not null default clock_timestamp()
);
