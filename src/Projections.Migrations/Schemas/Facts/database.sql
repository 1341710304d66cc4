-- The database's name is no fact: a copy has another.
SELECT 'database', format('grants %s', d.datacl) FROM pg_database d WHERE d.datname = current_database()
UNION ALL
SELECT 'database', format('comment %L', c.description)
  FROM pg_database d JOIN pg_shdescription c ON c.classoid = 'pg_database'::regclass AND c.objoid = d.oid
 WHERE d.datname = current_database()
UNION ALL
SELECT 'database', format('setting %s of %s', setting, CASE WHEN s.setrole = 0 THEN 'everybody' ELSE s.setrole::regrole::text END)
  FROM pg_database d JOIN pg_db_role_setting s ON s.setdatabase = d.oid, unnest(s.setconfig) setting
 WHERE d.datname = current_database()
