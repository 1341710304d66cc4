-- What has no schema of its own is found by the table, or the domain, that it belongs to; other things without one belong to the database.
SELECT format('%s %s', o.type, o.identity), format('comment %L', d.description)
  FROM pg_description d
 CROSS JOIN pg_identify_object(d.classoid, d.objoid, d.objsubid) o
  LEFT JOIN (
      SELECT 'pg_constraint'::regclass AS classid, oid, connamespace AS nsp FROM pg_constraint
      UNION ALL
      SELECT 'pg_trigger'::regclass, t.oid, c.relnamespace FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      UNION ALL
      SELECT 'pg_policy'::regclass, p.oid, c.relnamespace FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
      UNION ALL
      SELECT 'pg_rewrite'::regclass, r.oid, c.relnamespace FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
      UNION ALL
      SELECT 'pg_namespace'::regclass, oid, oid FROM pg_namespace
  ) part ON part.classid = d.classoid AND part.oid = d.objoid
 WHERE (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass)
   AND NOT EXISTS (SELECT FROM member WHERE member.classid = d.classoid AND member.objid = d.objoid)
   AND (o.schema IN (SELECT quote_ident(nspname) FROM ns) OR part.nsp IN (SELECT oid FROM ns) OR (o.schema IS NULL AND part.nsp IS NULL))
