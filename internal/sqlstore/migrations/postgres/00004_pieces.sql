-- Pieces of long texts, until they are joined.

-- +goose Up
create table pieces (
  key_hash bytea not null, ref text not null, n bigint not null, piece bytea, created_at bigint not null,
  primary key (key_hash, ref, n)
);

-- +goose Down
select 'this migration has no way back: restore a backup';
