-- Served from: 1
-- When a table's entry was last changed, by the database's clock: what a cached page is compared with to tell how old it
-- was. The default is for rows from before, and for instances of the version before, which do not name the column.
alter table table_directory add column changed_at timestamptz not null default now();
