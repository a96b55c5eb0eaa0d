-- People who must agree to a dossier, and what a dossier in processing waits for:
-- the first due time of an extended one, the applicant's check of a draft result,
-- the officer who filed it at the counter.

-- +goose Up
create table cosigns (
  id text not null primary key, dossier_id text not null, seq integer not null, field text not null,
  person blob, phone_hash blob, state text not null, conv_id text not null, created_at integer not null,
  asked_at integer not null, reminded_at integer not null, answered_at integer not null, answered_by text not null
) strict;
create unique index cosigns_dossier on cosigns (dossier_id, seq);
create index cosigns_phone on cosigns (phone_hash) where state = 'pending';
create index cosigns_conv on cosigns (conv_id, created_at) where conv_id <> '';

alter table dossiers add column filed_by text not null default '';
alter table dossiers add column original_due_at integer not null default 0;
alter table dossiers add column answer_by integer not null default 0;
alter table dossiers add column result_draft text not null default '';
alter table drafts add column desk text not null default '';
