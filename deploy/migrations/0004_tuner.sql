-- Served from: 1
-- What the tuner did, and by what evidence. A trial is two lines with one id: what is about to be done, and what became
-- of it. The knobs of a process are its own, so each line says whose it is; what all instances share is nobody's ('').
create table tuner_action (
  id             uuid not null,
  state          text not null check (state in ('proposed', 'trial', 'kept', 'reverted', 'undone', 'set')),
  instance       text not null,
  domain         text not null,
  at             timestamptz not null,
  changes        jsonb not null,  -- [{"knob", "from", "to"}]: nearly always one.
  knob           text not null generated always as (changes -> 0 ->> 'knob') stored,
  cohort         text not null,
  trigger        text not null,
  mode           text not null,
  predicted_gain double precision not null,
  realised_gain  double precision,
  evidence       jsonb,
  verdict        text,
  reason         text not null,
  undo           text not null,
  config_hash    text not null,
  primary key (id, state));

create index tuner_action_latest on tuner_action (at desc);

-- Lines are never changed: an old decision is to be judged by what was known then.
create function tuner_action_is_kept() returns trigger language plpgsql as
  'begin raise exception ''tuner_action is append-only''; end';
create trigger tuner_action_is_kept before update on tuner_action
  for each row execute function tuner_action_is_kept();

-- What was seen from one slot to the next.
create table tuner_observation (
  instance text not null,
  domain   text not null,
  since    timestamptz not null,
  until    timestamptz not null,
  cost     jsonb not null,
  primary key (instance, domain, until));

-- What is remembered of a knob across restarts: the last that was written counts.
create table tuner_knob_state (
  instance text not null,
  domain   text not null,
  knob     text not null,
  kept     double precision,
  pinned   double precision,
  memory   jsonb not null,
  primary key (instance, domain, knob));
