DROP TABLE billing.ledger;
DROP TABLE billing.payments;
DROP TYPE billing.payment_method;
DROP TABLE billing.invoices;
DROP TABLE billing.customers;
DROP SCHEMA billing;
