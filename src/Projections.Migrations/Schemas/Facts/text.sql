SELECT format('collation %I.%I', ns.nspname, c.collname),
       format('%s, owner %s', to_jsonb(c) - '{oid,collname,collnamespace,collowner,collversion}'::text[], c.collowner::regrole)
  FROM pg_collation c JOIN ns ON ns.oid = c.collnamespace
 WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_collation'::regclass AND objid = c.oid)
UNION ALL
SELECT format('conversion %I.%I', ns.nspname, c.conname),
       format('from %s to %s by %s, default %s, owner %s', pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), c.conproc, c.condefault, c.conowner::regrole)
  FROM pg_conversion c JOIN ns ON ns.oid = c.connamespace
 WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_conversion'::regclass AND objid = c.oid)
UNION ALL
SELECT format('text search configuration %I.%I', ns.nspname, c.cfgname), fact
  FROM pg_ts_config c JOIN ns ON ns.oid = c.cfgnamespace,
       LATERAL (
           SELECT format('parser %s, owner %s', (pg_identify_object('pg_ts_parser'::regclass, c.cfgparser, 0)).identity, c.cfgowner::regrole)
           UNION ALL
           SELECT format('%s by %s', t.alias, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno))
             FROM pg_ts_config_map m JOIN ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype WHERE m.mapcfg = c.oid GROUP BY t.alias
       ) facts (fact)
 WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_ts_config'::regclass AND objid = c.oid)
UNION ALL
SELECT format('text search dictionary %I.%I', ns.nspname, d.dictname),
       format('template %s, options %s, owner %s', (pg_identify_object('pg_ts_template'::regclass, d.dicttemplate, 0)).identity, d.dictinitoption, d.dictowner::regrole)
  FROM pg_ts_dict d JOIN ns ON ns.oid = d.dictnamespace
 WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_ts_dict'::regclass AND objid = d.oid)
UNION ALL
SELECT format('text search parser %I.%I', ns.nspname, p.prsname), format('%s, %s, %s, %s, %s', p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype)
  FROM pg_ts_parser p JOIN ns ON ns.oid = p.prsnamespace
 WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_ts_parser'::regclass AND objid = p.oid)
UNION ALL
SELECT format('text search template %I.%I', ns.nspname, t.tmplname), format('%s, %s', t.tmplinit, t.tmpllexize)
  FROM pg_ts_template t JOIN ns ON ns.oid = t.tmplnamespace
 WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_ts_template'::regclass AND objid = t.oid)
