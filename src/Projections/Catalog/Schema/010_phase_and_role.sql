-- One life, two things that never have the same writer: the phase, which workers, pause, resume and abort change, and the role,
-- which switches change. What people see, the state, follows from the two.

alter table version
    -- What happens to it. 'external': another program writes it (adopted); it has no handler and no checkpoint here.
    add column phase         text,
    -- What it is to readers.
    add column role          text not null default 'candidate',
    -- What keeps the work on it from going on at present, and is no fault of its own: the event store that lets nobody in, say.
    -- Unlike a failure it ends by itself once it is mended.
    add column trouble       text,
    add column trouble_since timestamptz;

update version v
set role = case when v.state = 'retired' then 'candidate'
                when v.number = p.live_version then 'live'
                when 'standby' in (v.state, v.resume_state) then 'standby'
                else 'candidate' end,
    phase = case when v.state = 'retired' then 'retired'
                 when v.external then 'external'
                 when v.state in ('paused', 'failed') then v.state
                 when not v.has_table then case when v.state = 'building' then 'building' else 'planned' end
                 -- A pause that crossed the making of the table could leave it 'building'.
                 when v.state in ('planned', 'building') then 'replaying'
                 when v.state = 'replaying' then v.state
                 when v.lockstep then 'following'
                 when v.joinable then 'offered'
                 else 'catching-up' end,
    failure = case when v.state = 'failed' and not v.external then coalesce(v.failure, 'The reason was not kept.') end
from projection p
where p.name = v.projection;

-- From now on this tells whether all of history has been folded, which is where a version goes on that was paused.
update version
set replayed_at = coalesce(replayed_at, clock_timestamp())
where role <> 'candidate' or phase in ('catching-up', 'offered', 'following')
   or (phase in ('paused', 'failed') and resume_state in ('catching-up', 'ready'));

alter table version
    drop column state,
    drop column resume_state,
    drop column external,
    drop column lockstep,
    drop column joinable,
    alter column phase set not null,
    alter column phase set default 'planned';

alter table version
    add column state text not null generated always as (
        case when phase in ('planned', 'building', 'replaying', 'paused', 'failed', 'retired') then phase
             when role <> 'candidate' then role
             when phase = 'following' then 'ready'
             else 'catching-up' end) stored,
    add check (phase in ('planned', 'building', 'replaying', 'catching-up', 'offered', 'following', 'paused', 'failed', 'retired', 'external')),
    add check (role in ('candidate', 'live', 'standby')),
    add constraint readers_see_a_whole_table check (role = 'candidate' or (has_table and phase not in ('planned', 'building', 'replaying', 'retired'))),
    add constraint work_has_a_table check (has_table or phase not in ('replaying', 'catching-up', 'offered', 'following', 'external')),
    add constraint followed_has_a_checkpoint check (position_major is not null or phase not in ('offered', 'following')),
    add constraint failed_has_a_reason check ((phase = 'failed') = (failure is not null)),
    add check ((trouble is null) = (trouble_since is null));

create unique index one_live_version on version (projection) where role = 'live';
create unique index one_rebuild on version (projection) where phase in ('planned', 'building', 'replaying');

-- Which version is live stands in its role.
alter table projection drop column live_version;
