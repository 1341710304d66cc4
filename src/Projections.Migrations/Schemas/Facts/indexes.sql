SELECT format('%s %s', rel.kind, rel.name),
       format('%s%s%s%s, options %s%s%s', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN ' INVALID' END,
              CASE WHEN i.indisclustered THEN ' CLUSTERED' END, CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' END, c.reloptions,
              (SELECT ', tablespace ' || spcname FROM pg_tablespace WHERE pg_tablespace.oid = c.reltablespace),
              (SELECT ', statistics ' || string_agg(format('%s of %s', a.attstattarget, a.attnum), ', ' ORDER BY a.attnum)
                 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0))
  FROM pg_index i JOIN rel ON rel.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
