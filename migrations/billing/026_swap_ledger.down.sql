DROP TRIGGER mirror_ledger ON billing.ledger;
ALTER TABLE billing.ledger RENAME TO ledger_by_year;
ALTER TABLE billing.ledger_whole RENAME TO ledger;

CREATE OR REPLACE FUNCTION billing.mirror_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM billing.ledger_by_year WHERE id = OLD.id AND booked_on = OLD.booked_on;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO billing.ledger_by_year VALUES (NEW.id, NEW.booked_on, NEW.amount);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER mirror_ledger AFTER INSERT OR UPDATE OR DELETE ON billing.ledger
    FOR EACH ROW EXECUTE FUNCTION billing.mirror_ledger();
