SELECT format('%s %s', kind, name),
       format('owner %s, grants %s, persistence %s, options %s, row security %s, forced %s, replica identity %s, access method %s%s%s%s%s',
              relowner::regrole, grants, relpersistence, reloptions, relrowsecurity, relforcerowsecurity, relreplident,
              (SELECT amname FROM pg_am WHERE pg_am.oid = relam),
              (SELECT ', TOAST options ' || t.reloptions::text FROM pg_class t WHERE t.oid = rel.reltoastrelid),
              (SELECT ', tablespace ' || spcname FROM pg_tablespace WHERE pg_tablespace.oid = reltablespace),
              CASE WHEN reloftype <> 0 THEN ', of type ' || reloftype::regtype END,
              CASE WHEN relkind = 'm' AND NOT relispopulated THEN ', not populated' END)
  FROM rel WHERE relkind NOT IN ('i', 'I')
UNION ALL
SELECT format('%s %s', kind, name), format('partitioned by %s', pg_get_partkeydef(oid)) FROM rel WHERE relkind = 'p'
UNION ALL
SELECT format('%s %s', rel.kind, rel.name),
       format('child %s of %s %s', i.inhseqno, i.inhparent::regclass, pg_get_expr(rel.relpartbound, rel.oid))
  FROM rel JOIN pg_inherits i ON i.inhrelid = rel.oid WHERE rel.relkind NOT IN ('i', 'I')
UNION ALL
SELECT format('%s %s', kind, name), pg_get_viewdef(oid) FROM rel WHERE relkind IN ('v', 'm')
UNION ALL
SELECT format('%s %s', rel.kind, rel.name), format('server %I, options %s', s.srvname, f.ftoptions)
  FROM rel JOIN pg_foreign_table f ON f.ftrelid = rel.oid JOIN pg_foreign_server s ON s.oid = f.ftserver
