-- A table is partitioned while it is in use. First: the new table beside it, which a trigger keeps equal from now on.
CREATE TABLE billing.ledger_by_year (
    id        bigint NOT NULL,
    booked_on date NOT NULL,
    amount    bigint NOT NULL,
    PRIMARY KEY (id, booked_on)
) PARTITION BY RANGE (booked_on);
CREATE TABLE billing.ledger_2025 PARTITION OF billing.ledger_by_year FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE billing.ledger_2026 PARTITION OF billing.ledger_by_year FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE billing.ledger_other PARTITION OF billing.ledger_by_year DEFAULT;

CREATE FUNCTION billing.mirror_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
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
