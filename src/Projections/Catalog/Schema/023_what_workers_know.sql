-- The projections that a worker's program would follow, so that others know what to leave to it.
alter table worker add column known text[] not null default '{}';
