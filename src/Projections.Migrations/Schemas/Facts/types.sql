SELECT ty.name,
       format('owner %s, grants %s, %s%s%s%s%s', ty.typowner::regrole, ty.grants,
              (SELECT 'enum ' || string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = ty.oid),
              CASE WHEN ty.typtype = 'd' THEN 'domain ' || format_type(ty.typbasetype, ty.typtypmod) END,
              (SELECT format('range of %s, collation %s, operators %s, canonical %s, difference %s, multirange %s', r.rngsubtype::regtype,
                             r.rngcollation::regcollation, (pg_identify_object('pg_opclass'::regclass, r.rngsubopc, 0)).identity,
                             r.rngcanonical, r.rngsubdiff, r.rngmultitypid::regtype)
                 FROM pg_range r WHERE r.rngtypid = ty.oid),
              ' DEFAULT ' || ty.typdefault, CASE WHEN ty.typnotnull THEN ' NOT NULL' END)
  FROM ty
UNION ALL
-- 16384 is the first number that is given out after the server was made: what is below came with it.
SELECT format('cast (%s AS %s)', c.castsource::regtype, c.casttarget::regtype),
       format('%s in context %s by %s', c.castmethod, c.castcontext, c.castfunc::regprocedure)
  FROM pg_cast c WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_cast'::regclass AND objid = c.oid)
