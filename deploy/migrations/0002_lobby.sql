-- Served from: 1
-- No foreign keys between kinds of things: each table here can move to another cluster by itself, and a journal that
-- is ahead of the directory must not keep anybody from playing.

create table player (
  id         uuid primary key,
  name       text not null,
  created_at timestamptz not null);

create table table_directory (
  id         uuid primary key,
  name       text not null,
  system     text not null,
  listing    text not null check (listing in ('public', 'private')),
  owner_id   uuid not null,
  created_at timestamptz not null);

-- The lobby's pages: newest first, continued behind the last one seen.
create index table_directory_listed on table_directory (created_at desc, id desc) where listing = 'public';

create table invitation (
  code       text primary key,
  table_id   uuid not null,
  role       text not null check (role in ('spectator', 'player', 'gm')),
  uses_left  bigint not null check (uses_left >= 0),
  expires_at timestamptz not null);

-- Who used a code keeps it: coming again costs no second use.
create table invitation_use (
  code      text not null references invitation (code) on delete cascade,
  player_id uuid not null,
  used_at   timestamptz not null,
  primary key (code, player_id));
