create index on open_items_v1 (since);
