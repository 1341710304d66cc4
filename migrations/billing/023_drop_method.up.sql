-- Third, when every service reads and writes method_name: the column of the enum goes, and the enum with it.
-- safety: allow column-dropped "every service says method_name since 2026-10"
-- safety: allow type-dropped "the column was its only use"
-- safety: allow routine-changed "only the trigger called it"
DROP TRIGGER copy_method ON billing.payments;
DROP FUNCTION billing.copy_method();
ALTER TABLE billing.payments DROP COLUMN method;
DROP TYPE billing.payment_method;
