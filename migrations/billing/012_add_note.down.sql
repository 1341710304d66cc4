DROP TRIGGER sync_note ON billing.invoices;
DROP FUNCTION billing.sync_note();
ALTER TABLE billing.invoices DROP COLUMN note;
