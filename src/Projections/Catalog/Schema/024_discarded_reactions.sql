-- Of an event that a reaction could not react to somebody has decided that it is to have no messages: who, and why. It stays listed.
alter table reaction_letter
    add column discarded_by text,
    add column discarded_why text,
    add column discarded_at timestamptz,
    add constraint reaction_letter_discarded check ((discarded_by is null) = (discarded_at is null) and not (is_held and discarded_at is not null));
