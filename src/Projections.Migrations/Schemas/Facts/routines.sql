SELECT fn.name, format('%s, owner %s, grants %s', pg_get_functiondef(fn.oid), fn.proowner::regrole, fn.grants) FROM fn WHERE fn.prokind <> 'a'
UNION ALL
SELECT fn.name,
       format('aggregate %s (%s direct arguments) over %s (%s bytes) from %s by %s, then %s (%s, %s); combined by %s, %s, %s; moving by %s, %s, then %s; sorted by %s; owner %s, grants %s',
              a.aggkind, a.aggnumdirectargs, a.aggtranstype::regtype, a.aggtransspace, a.agginitval, a.aggtransfn, a.aggfinalfn, a.aggfinalextra, a.aggfinalmodify,
              a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn, a.aggsortop::regoperator, fn.proowner::regrole, fn.grants)
  FROM fn JOIN pg_aggregate a ON a.aggfnoid = fn.oid
