-- The event tables of Marten 9 as it makes them with its own settings, so that the sample has something to follow. An application with Marten makes
-- them itself, and leaves these alone. They are empty: append to them, or leave this file out.
create table if not exists mt_streams (
    id uuid not null,
    type varchar,
    version bigint,
    timestamp timestamptz not null default now(),
    created timestamptz not null default now(),
    tenant_id varchar default '*DEFAULT*',
    is_archived boolean default false,
    constraint pkey_mt_streams_id primary key (id)
);
create sequence if not exists mt_events_sequence;
create table if not exists mt_events (
    seq_id bigint not null,
    id uuid not null,
    stream_id uuid,
    version bigint not null,
    data jsonb not null,
    bdata bytea,
    type varchar(500) not null,
    timestamp timestamptz not null default now(),
    tenant_id varchar default '*DEFAULT*',
    mt_dotnet_type varchar,
    is_archived boolean default false,
    constraint pkey_mt_events_seq_id primary key (seq_id),
    constraint fkey_mt_events_stream_id foreign key (stream_id) references mt_streams (id) on delete cascade
);
alter sequence mt_events_sequence owned by mt_events.seq_id;
create unique index if not exists pk_mt_events_stream_and_version on mt_events (stream_id, version);
