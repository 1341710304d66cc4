drop table open_items_v1;
