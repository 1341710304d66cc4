-- A read name is for reading. A simple view passes writes on to its table, so a program that still writes under the old
-- table's name would write into the new version behind its worker's back; it is told instead.
create function refuse_write() returns trigger
language plpgsql as $$
begin
    raise exception 'the read name % is for reading: its rows are written by the projection service', tg_relid::regclass
        using errcode = 'object_not_in_prerequisite_state',
              hint = 'Stop whatever writes to it; the version that it filled keeps its own name.';
end
$$;
