-- Served from: 1
-- Rows of several events and snapshots are long enough to be compressed, in the statement that everybody waits for. lz4
-- takes a fraction of what pglz takes, for a little more space. A server that was built without it keeps pglz.
do $$
begin
  alter table commit_row alter column body set compression lz4;
  alter table snapshot alter column state set compression lz4;
exception when feature_not_supported then
  raise notice 'this PostgreSQL has no lz4';
end
$$;
