DROP TABLE billing.tenant_notes;
DROP FUNCTION billing.audit_tenant_notes();
DROP TABLE billing.tenant_notes_audit;
