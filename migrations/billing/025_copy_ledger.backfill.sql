-- Second: the rows that were there before the trigger, in batches. FOR SHARE keeps a row from changing between being read and
-- being copied.
-- table: billing.ledger
-- key: id
INSERT INTO billing.ledger_by_year
SELECT id, booked_on, amount FROM billing.ledger WHERE id BETWEEN :first AND :last FOR SHARE
ON CONFLICT DO NOTHING;
