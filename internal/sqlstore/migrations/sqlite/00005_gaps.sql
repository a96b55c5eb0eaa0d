-- What citizens looked for in vain. Until enough of them asked the same, a query is
-- known by its keyed hash alone; words is sealed.

-- +goose Up
create table gaps (
  query_hash blob primary key, words blob, kind text not null, citizens integer not null,
  first_at integer not null, last_at integer not null, closed_at integer not null default 0
) strict;
create index gaps_few on gaps (first_at) where words is null;
create table gap_askers (
  query_hash blob not null, asker_hash blob not null, again integer not null default 0, asked_at integer not null,
  primary key (query_hash, asker_hash)
) strict;
create index gap_askers_old on gap_askers (asked_at);

-- +goose Down
select 'this migration has no way back: restore a backup';
