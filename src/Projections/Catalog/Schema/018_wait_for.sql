-- For applications that have only a connection and want to read what they have just written: waits until the read name shows everything up to and
-- with the event at a position, and says whether it came to that. To be asked in a statement of its own: it looks anew every few milliseconds, which takes
-- READ COMMITTED, and the rows are seen by the statements after it. Needs no right on the catalog's tables, only USAGE on the schema.
create function wait_for(read_name text, "position" bigint, patience interval default interval '2 seconds', minor bigint default 0) returns boolean
language plpgsql
security definer
set search_path = projections, pg_temp
as $$
declare
    until constant timestamptz := clock_timestamp() + least(patience, interval '1 minute');
    shown boolean;
begin
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        raise exception 'wait_for cannot see what comes while it waits in a transaction that is %', current_setting('transaction_isolation')
            using errcode = 'active_sql_transaction',
                  hint = 'Call it before that transaction begins, or in one that is READ COMMITTED.';
    end if;

    loop
        select p.kept_table is null and v.phase <> 'external'
            and (v.position_major, v.position_minor) >= (wait_for.position, wait_for.minor)
            and not exists (
                select from late_event l
                where l.projection = v.projection and l.number = v.number and l.status = 'waiting' and l.position <= wait_for.position)
            -- It was passed without an event there, and whoever asks knows that there is one.
            and not exists (
                select from given_up g
                where g.projection = v.projection and g.number = v.number and wait_for.position between g.first and g.last
                  and not exists (
                      select from late_event l
                      where l.projection = v.projection and l.number = v.number and l.position = wait_for.position and l.status = 'mended'))
            and not exists (
                select from dead_letter d
                where d.projection = v.projection and d.number = v.number and d.status in ('waiting', 'retry')
                  and d.position_major = wait_for.position and d.position_minor = wait_for.minor)
        into shown
        from projection p left join version v on v.projection = p.name and v.role = 'live'
        where p.name = read_name;

        if not found then
            raise exception 'there is no projection "%"', read_name using errcode = 'undefined_object';
        end if;

        if shown then
            return true;
        end if;

        if clock_timestamp() >= until then
            return false;
        end if;

        perform pg_sleep(0.005);
    end loop;
end
$$;
