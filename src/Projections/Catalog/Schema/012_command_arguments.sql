-- By what else than its id a command is known again: an id that comes a second time with another command is a mistake.
-- Null in the lines of releases before.
alter table command
    add column arguments text,
    -- The version that it concerned.
    add column version int;
