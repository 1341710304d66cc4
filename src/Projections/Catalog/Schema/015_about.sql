-- Whether the number of events of a build was estimated and not counted.
alter table version add column events_total_is_about boolean not null default false;
