-- Whether somebody asked for all of history to be replayed, though the version could begin with the rows of another one.
alter table version add column from_events boolean not null default false;
