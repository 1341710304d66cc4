-- A required column, in four steps. First: nullable, with a default for new rows, which touches no row that is there.
ALTER TABLE billing.invoices ADD COLUMN currency text;
ALTER TABLE billing.invoices ALTER COLUMN currency SET DEFAULT 'EUR';
