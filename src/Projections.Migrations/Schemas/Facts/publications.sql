-- As JSON every option counts, those of a later version of the server, too.
SELECT format('publication %I', pubname), format('owner %s, %s', pubowner::regrole, to_jsonb(p) - '{oid,pubname,pubowner}'::text[])
  FROM pg_publication p
UNION ALL
SELECT format('publication %I', p.pubname),
       format('table %s%s%s', t.prrelid::regclass,
              (SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')'
                 FROM pg_attribute a WHERE a.attrelid = t.prrelid AND a.attnum = ANY (t.prattrs)),
              ' WHERE ' || pg_get_expr(t.prqual, t.prrelid))
  FROM pg_publication_rel t JOIN pg_publication p ON p.oid = t.prpubid
UNION ALL
SELECT format('publication %I', p.pubname), format('tables of schema %s', n.pnnspid::regnamespace)
  FROM pg_publication_namespace n JOIN pg_publication p ON p.oid = n.pnpubid
