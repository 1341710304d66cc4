SELECT format('extension %I', e.extname), format('version %s in schema %I', e.extversion, n.nspname)
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
