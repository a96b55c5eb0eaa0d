-- What citizens looked for in vain. Until enough of them asked the same, a query is
-- known by its keyed hash alone; words is sealed.

-- +goose Up
create table gaps (
  query_hash bytea primary key, words bytea, kind text not null, citizens bigint not null,
  first_at bigint not null, last_at bigint not null, closed_at bigint not null default 0
);
create index gaps_few on gaps (first_at) where words is null;
create table gap_askers (
  query_hash bytea not null, asker_hash bytea not null, again bigint not null default 0, asked_at bigint not null,
  primary key (query_hash, asker_hash)
);
create index gap_askers_old on gap_askers (asked_at);

-- +goose Down
select 'this migration has no way back: restore a backup';
