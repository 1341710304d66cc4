SELECT format('sequence %s', rel.name),
       format('%s from %s by %s between %s and %s, cache %s, cycle %s, owned by %s', format_type(s.seqtypid, NULL), s.seqstart,
              s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
              (SELECT format('%s.%I', d.refobjid::regclass, a.attname) FROM pg_depend d
                 JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                WHERE d.objid = rel.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
  FROM rel JOIN pg_sequence s ON s.seqrelid = rel.oid
