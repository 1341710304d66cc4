-- Second: the old rows.
-- table: billing.invoices
-- key: id
UPDATE billing.invoices SET note = remark
 WHERE id BETWEEN :first AND :last AND note IS DISTINCT FROM remark;
