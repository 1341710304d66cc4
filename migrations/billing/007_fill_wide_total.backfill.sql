-- Second: the old rows. The trigger does the work; the batch only has to touch them.
-- table: billing.invoices
-- key: id
UPDATE billing.invoices SET total_wide = total
 WHERE id BETWEEN :first AND :last AND total_wide IS DISTINCT FROM total;
