-- Third, when nobody names 'remark' any more: contract.
-- safety: allow column-dropped "every service says 'note' since 2026-10"
-- safety: allow routine-changed "only the trigger called it"
DROP TRIGGER sync_note ON billing.invoices;
DROP FUNCTION billing.sync_note();
ALTER TABLE billing.invoices DROP COLUMN remark;
