SELECT format('operator %s', o.oid::regoperator),
       format('by %s, commutator %s, negator %s, restricted by %s, joined by %s, merges %s, hashes %s, owner %s', o.oprcode, o.oprcom::regoperator,
              o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanmerge, o.oprcanhash, o.oprowner::regrole)
  FROM pg_operator o JOIN ns ON ns.oid = o.oprnamespace
 WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_operator'::regclass AND objid = o.oid)
UNION ALL
SELECT format('operator class %s', (pg_identify_object('pg_opclass'::regclass, c.oid, 0)).identity),
       format('for %s in %s, default %s, stored as %s, owner %s', c.opcintype::regtype,
              (pg_identify_object('pg_opfamily'::regclass, c.opcfamily, 0)).identity, c.opcdefault, c.opckeytype::regtype, c.opcowner::regrole)
  FROM pg_opclass c JOIN ns ON ns.oid = c.opcnamespace
 WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_opclass'::regclass AND objid = c.oid)
UNION ALL
SELECT format('operator family %s', (pg_identify_object('pg_opfamily'::regclass, f.oid, 0)).identity), fact
  FROM pg_opfamily f JOIN ns ON ns.oid = f.opfnamespace,
       LATERAL (
           SELECT format('owner %s', f.opfowner::regrole)
           UNION ALL
           SELECT format('operator %s %s for %s', o.amopstrategy, o.amopopr::regoperator,
                         coalesce((pg_identify_object('pg_opfamily'::regclass, nullif(o.amopsortfamily, 0), 0)).identity, 'search'))
             FROM pg_amop o WHERE o.amopfamily = f.oid
           UNION ALL
           SELECT format('function %s (%s, %s) %s', p.amprocnum, p.amproclefttype::regtype, p.amprocrighttype::regtype, p.amproc::regprocedure)
             FROM pg_amproc p WHERE p.amprocfamily = f.oid
       ) facts (fact)
 WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_opfamily'::regclass AND objid = f.oid)
