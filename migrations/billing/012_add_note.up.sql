-- 'remark' is to be called 'note': expand, then contract. First: both are there, and a trigger keeps them equal, whichever is written.
ALTER TABLE billing.invoices ADD COLUMN note text;

CREATE FUNCTION billing.sync_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.note := coalesce(NEW.note, NEW.remark);
        NEW.remark := NEW.note;
    ELSIF NEW.note IS DISTINCT FROM OLD.note THEN
        NEW.remark := NEW.note;
    ELSE
        NEW.note := NEW.remark;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER sync_note BEFORE INSERT OR UPDATE ON billing.invoices
    FOR EACH ROW EXECUTE FUNCTION billing.sync_note();
