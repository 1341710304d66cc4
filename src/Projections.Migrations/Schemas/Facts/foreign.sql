SELECT format('foreign-data wrapper %I', w.fdwname),
       format('owner %s, grants %s, handler %s, validator %s, options %s', w.fdwowner::regrole, w.fdwacl, w.fdwhandler::regproc, w.fdwvalidator::regproc, w.fdwoptions)
  FROM pg_foreign_data_wrapper w
 WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_foreign_data_wrapper'::regclass AND objid = w.oid)
UNION ALL
SELECT format('server %I', s.srvname),
       format('owner %s, grants %s, wrapper %I, type %s, version %s, options %s', s.srvowner::regrole, s.srvacl, w.fdwname, s.srvtype, s.srvversion, s.srvoptions)
  FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
UNION ALL
-- There are passwords in them: a digest tells that they differ, and nothing else.
SELECT format('user mapping %s on server %I', m.usename, m.srvname), format('options %s', md5(m.umoptions::text)) FROM pg_user_mappings m
