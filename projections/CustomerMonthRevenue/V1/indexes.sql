create index on customer_month_revenue_v1 (month);
