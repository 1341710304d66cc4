DROP TRIGGER copy_method ON billing.payments;
DROP FUNCTION billing.copy_method();
ALTER TABLE billing.payments DROP COLUMN method_name;
