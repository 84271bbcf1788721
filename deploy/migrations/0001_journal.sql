-- Served from: 1
-- One row per table and commit. The primary key is the compare-and-set between writers: no head, no lease, no lock.
create table commit_row (
  table_id  uuid,
  first_seq bigint,               -- the events first_seq … first_seq + n - 1
  n         int not null,
  append_id uuid not null,        -- the writer's own mark, to recognise its row after an unknown outcome
  at        timestamptz not null,
  body      jsonb not null,       -- the events, in their disk form
  primary key (table_id, first_seq));

-- Only an optimisation: every state can be computed from commit_row.
create table snapshot (
  table_id uuid,
  seq      bigint,
  state    bytea not null,
  primary key (table_id, seq));

