-- What a worker may do in a database with events and read models, and nothing more. Run it there as a superuser, as often as you like:
--     psql --dbname app --file deploy/postgres/rights.sql
-- Two roles, to be renamed to yours: 'app' is the application, which owns the event tables and reads the read models; 'projections_worker' is the worker, which
-- owns the catalog and the read models. Do not call the worker's role 'projections': the catalog's schema has that name.
do $$
begin
    if to_regrole('projections_worker') is null then
        create role projections_worker login;
    end if;
    -- The schema of the catalog, and temporary tables for explain, repair, dry runs and verify --against-events.
    execute format('grant connect, create, temporary on database %I to projections_worker', current_database());
end
$$;

-- Tables and read names. For another schema than public (Projections:Schema), say it here.
grant usage, create on schema public to projections_worker;

-- Events are read, never written; also those of tables that the application is yet to make. For another schema (Events:Schema), say it here.
grant select on all tables in schema public to projections_worker;
grant select on all sequences in schema public to projections_worker;
alter default privileges for role app in schema public grant select on tables to projections_worker;
alter default privileges for role app in schema public grant select on sequences to projections_worker;

-- Services read what a worker builds.
alter default privileges for role projections_worker in schema public grant select on tables to app;

-- Snapshots and statements of other roles: without it a switch asks for --ignore-old-snapshots, and the gate 'queries-hold' sees none of the readers' statements.
grant pg_read_all_stats to projections_worker;
