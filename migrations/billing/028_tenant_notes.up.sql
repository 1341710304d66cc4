-- A table that many tenants share: row-level security keeps them apart, for the table's owner as well, and every change is
-- kept. A service says whom it works for: SELECT set_config('app.tenant', 'acme', true) in each transaction.
CREATE TABLE billing.tenant_notes (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL DEFAULT current_setting('app.tenant', true),
    body      text NOT NULL
);
CREATE INDEX tenant_notes_tenant ON billing.tenant_notes (tenant_id);
ALTER TABLE billing.tenant_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE billing.tenant_notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_of_connection ON billing.tenant_notes
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));

CREATE TABLE billing.tenant_notes_audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id  text NOT NULL,
    operation  text NOT NULL,
    before     jsonb,
    after      jsonb,
    changed_by text NOT NULL DEFAULT current_user,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE billing.tenant_notes_audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE billing.tenant_notes_audit FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_of_connection ON billing.tenant_notes_audit
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));

CREATE FUNCTION billing.audit_tenant_notes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO billing.tenant_notes_audit (tenant_id, operation, before, after)
    VALUES (coalesce(NEW.tenant_id, OLD.tenant_id), TG_OP, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
END
$$;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON billing.tenant_notes
    FOR EACH ROW EXECUTE FUNCTION billing.audit_tenant_notes();
