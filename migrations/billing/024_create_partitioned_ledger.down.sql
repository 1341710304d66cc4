DROP TRIGGER mirror_ledger ON billing.ledger;
DROP FUNCTION billing.mirror_ledger();
DROP TABLE billing.ledger_by_year;
