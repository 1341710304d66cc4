create index on customer_balance_v1 (open) where open > 0;
