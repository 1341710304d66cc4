drop table customer_month_revenue_v1;
