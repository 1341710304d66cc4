drop table payment_queue_v1;
