-- How many processes in a row died while they ran a job.

-- +goose Up
alter table jobs add column crashes integer not null default 0;

-- +goose Down
select 'this migration has no way back: restore a backup';
