SELECT format('schema %I', nspname), format('owner %s, grants %s', nspowner::regrole, grants) FROM ns
UNION ALL
SELECT 'default privileges', format('%s %s %s %s', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, defaclacl)
  FROM pg_default_acl
