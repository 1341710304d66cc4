-- Second: the old rows.
-- table: billing.payments
-- key: id
UPDATE billing.payments SET method_name = method::text
 WHERE id BETWEEN :first AND :last AND method_name IS NULL;
