-- An enum gets a value, with its place. It may be used from the next migration on.
ALTER TYPE billing.payment_method ADD VALUE 'cash' AFTER 'card';
