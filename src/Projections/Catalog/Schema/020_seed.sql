-- The version whose rows a version began with, in place of a replay, and what came of the proof that they are right.
alter table version
    add column seeded_from  int,
    add column seed_agrees  boolean,
    add column seed_finding text,
    add constraint proof_has_a_finding check ((seed_agrees is null) = (seed_finding is null));
