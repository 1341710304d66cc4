SELECT format('language %I', l.lanname),
       format('owner %s, grants %s, trusted %s, handler %s, inline %s, validator %s', l.lanowner::regrole, l.lanacl, l.lanpltrusted,
              l.lanplcallfoid::regproc, l.laninline::regproc, l.lanvalidator::regproc)
  FROM pg_language l
UNION ALL
SELECT format('transform for %s language %I', t.trftype::regtype, l.lanname), format('from %s, to %s', t.trffromsql, t.trftosql)
  FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang
 WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_transform'::regclass AND objid = t.oid)
UNION ALL
SELECT format('access method %I', a.amname), format('for %s by %s', a.amtype, a.amhandler)
  FROM pg_am a WHERE a.oid >= 16384 AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_am'::regclass AND objid = a.oid)
