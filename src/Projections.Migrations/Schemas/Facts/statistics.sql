SELECT format('statistics %I.%I', ns.nspname, s.stxname),
       format('%s, target %s, owner %s', pg_get_statisticsobjdef(s.oid), nullif(s.stxstattarget, -1), s.stxowner::regrole)
  FROM pg_statistic_ext s JOIN ns ON ns.oid = s.stxnamespace
