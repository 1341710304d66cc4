-- table: billing.ledger
-- key: id
DELETE FROM billing.ledger_by_year WHERE id BETWEEN :first AND :last;
