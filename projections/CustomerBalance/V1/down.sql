drop table customer_balance_v1;
