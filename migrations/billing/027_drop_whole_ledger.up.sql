-- Fourth, when there is no way back needed any more: the old table goes.
-- safety: allow table-dropped "only the trigger knew it"
-- safety: allow routine-changed "only the trigger called it"
DROP TRIGGER mirror_ledger ON billing.ledger;
DROP FUNCTION billing.mirror_ledger();
DROP TABLE billing.ledger_whole;
