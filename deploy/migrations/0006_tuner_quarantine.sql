-- Served from: 1
-- Indexes that were tried and taken back: left alone for a week at first, twice as long each time. They are the whole
-- deployment's, unlike the knobs of a process.
create table tuner_quarantine (
  domain text not null,
  knob   text not null,
  until  timestamptz not null,
  days   int not null check (days > 0),
  reason text not null,
  primary key (domain, knob));
