-- A column's place counts only those that are there. Before PostgreSQL 17, no statistics target is -1, and from there on NULL. Newer minor
-- versions (seen in 15.20; ATTRIBUTE_VERSION_ATTOPTION in pg_attribute.h) keep a column's version among its options, another number in each database.
SELECT format('%s %s', rel.kind, rel.name),
       format('column %s: %I %s%s%s%s%s%s, storage %s, compression %s, statistics %s, options %s, %sgrants %s',
              row_number() OVER (PARTITION BY rel.oid ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod),
              (SELECT ' COLLATE ' || a.attcollation::regcollation FROM pg_type t
                WHERE t.oid = a.atttypid AND a.attcollation <> t.typcollation AND a.attcollation <> 0),
              CASE WHEN a.attnotnull THEN ' NOT NULL' END,
              CASE WHEN a.attgenerated = '' THEN ' DEFAULT ' ELSE ' GENERATED ' END || pg_get_expr(d.adbin, d.adrelid)
                  || CASE a.attgenerated WHEN 's' THEN ' STORED' WHEN 'v' THEN ' VIRTUAL' ELSE '' END,
              CASE a.attidentity WHEN 'a' THEN ' IDENTITY ALWAYS' WHEN 'd' THEN ' IDENTITY BY DEFAULT' END,
              CASE WHEN a.attinhcount > 0 THEN ' INHERITED' END,
              a.attstorage, a.attcompression, nullif(a.attstattarget, -1), nullif(ARRAY(SELECT o FROM unnest(a.attoptions) o WHERE o NOT LIKE 'pg\_attver=%'), '{}'),
              'foreign options ' || a.attfdwoptions::text || ', ', a.attacl)
  FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE rel.relkind IN ('r', 'p', 'v', 'm', 'c', 'f')
