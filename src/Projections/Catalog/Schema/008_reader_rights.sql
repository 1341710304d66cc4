-- Rights on a version's table that a switch passed on to the readers of its read name, by column: taken back when reads leave it.
create table reader_right (
    projection  text not null,
    number      int  not null,
    -- 0 is PUBLIC; see pg_authid.
    grantee     oid  not null,
    column_name text not null,
    primary key (projection, number, grantee, column_name)
);
