-- Third: the tables change names in one transaction. The trigger turns round and keeps the old table filled, so that going back
-- loses nothing.
-- safety: allow table-renamed "only the trigger and the backfill knew ledger_by_year; 'ledger' is there at every moment"
DROP TRIGGER mirror_ledger ON billing.ledger;
ALTER TABLE billing.ledger RENAME TO ledger_whole;
ALTER TABLE billing.ledger_by_year RENAME TO ledger;

CREATE OR REPLACE FUNCTION billing.mirror_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM billing.ledger_whole WHERE id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO billing.ledger_whole VALUES (NEW.id, NEW.booked_on, NEW.amount);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER mirror_ledger AFTER INSERT OR UPDATE OR DELETE ON billing.ledger
    FOR EACH ROW EXECUTE FUNCTION billing.mirror_ledger();
