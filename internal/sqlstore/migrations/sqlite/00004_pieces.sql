-- Pieces of long texts, until they are joined.

-- +goose Up
create table pieces (
  key_hash blob not null, ref text not null, n integer not null, piece blob, created_at integer not null,
  primary key (key_hash, ref, n)
) strict;

-- +goose Down
select 'this migration has no way back: restore a backup';
