SELECT format('%s %s', rel.kind, rel.name), format('%s, enabled %s', pg_get_triggerdef(t.oid), t.tgenabled)
  FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT format('%s %s', rel.kind, rel.name), format('%s, enabled %s', pg_get_ruledef(r.oid), r.ev_enabled)
  FROM pg_rewrite r JOIN rel ON rel.oid = r.ev_class WHERE r.rulename <> '_RETURN'
UNION ALL
SELECT format('event trigger %I', evtname), format('%s %s %s for %s, owner %s', evtevent, evtfoid::regproc, evtenabled, evttags, evtowner::regrole) FROM pg_event_trigger
