SELECT coalesce(rel.kind || ' ' || rel.name, ty.name),
       format('constraint %I %s%s', k.conname, pg_get_constraintdef(k.oid), CASE WHEN k.coninhcount > 0 THEN ' INHERITED' END)
  FROM pg_constraint k LEFT JOIN rel ON rel.oid = k.conrelid LEFT JOIN ty ON ty.oid = k.contypid
 WHERE rel.oid IS NOT NULL OR ty.oid IS NOT NULL
