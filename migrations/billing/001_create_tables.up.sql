-- The tables of a small billing service, as somebody might have written them years ago.
CREATE SCHEMA billing;

CREATE TABLE billing.customers (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name    text NOT NULL,
    country text
);

CREATE TABLE billing.invoices (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    number      text NOT NULL,
    total       integer NOT NULL,
    status      text NOT NULL DEFAULT 'open',
    remark      text,
    issued_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX invoices_number ON billing.invoices (number);

CREATE TYPE billing.payment_method AS ENUM ('card', 'transfer');
CREATE TABLE billing.payments (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id bigint NOT NULL,
    method     billing.payment_method NOT NULL,
    amount     bigint NOT NULL,
    paid_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE billing.ledger (
    id        bigint PRIMARY KEY,
    booked_on date NOT NULL,
    amount    bigint NOT NULL
);
