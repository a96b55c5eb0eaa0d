-- The first schema. Times are UTC microseconds, 0 = not set. Columns of type blob
-- hold sealed personal data (AAD = table.column ‖ row id) or keyed hashes. There
-- are no foreign keys: rows outlive one another on purpose (a dossier outlives
-- its draft, a receipt its job), and the use cases own what is erased with what.

-- +goose Up
create table inbox (
  channel text not null, account text not null, event_id text not null,
  conv_id text not null, received_at integer not null,
  parked_at integer not null default 0, cause text not null default '', raw blob,
  primary key (channel, account, event_id)
) strict, without rowid;
create index inbox_parked on inbox (parked_at) where parked_at > 0;

create table addresses (
  id text not null primary key, channel text not null, account text not null,
  key_hash blob not null, external blob, citizen_id text not null,
  assurance integer not null, no_notices integer not null,
  created_at integer not null, updated_at integer not null
) strict;
create unique index addresses_key on addresses (key_hash);
create index addresses_citizen on addresses (citizen_id) where citizen_id <> '';

create table conversations (
  id text not null primary key, address_id text not null, channel text not null, account text not null,
  citizen_id text not null, draft_id text not null, locale text not null, state blob,
  version integer not null, created_at integer not null, updated_at integer not null
) strict;
create unique index conversations_address on conversations (address_id);
create index conversations_draft on conversations (draft_id) where draft_id <> '';

create table citizens (
  id text not null primary key, profile blob, personal_hash blob, assurance integer not null,
  version integer not null, created_at integer not null, updated_at integer not null
) strict;
create index citizens_personal on citizens (personal_hash) where personal_hash is not null;

create table drafts (
  id text not null primary key, procedure_code text not null, procedure_version text not null,
  form_id text not null, form_version text not null, office text not null, citizen_id text not null,
  answers blob, state text not null, dossier_id text not null, holder text not null,
  version integer not null, created_at integer not null, updated_at integer not null, expires_at integer not null
) strict;
create index drafts_citizen on drafts (citizen_id, updated_at) where state = 'open' and citizen_id <> '';

create table papers (
  id text not null primary key, draft_id text not null, dossier_id text not null,
  requirement text not null, round integer not null, created_at integer not null
) strict;
create index papers_draft on papers (draft_id) where draft_id <> '';
create index papers_dossier on papers (dossier_id) where dossier_id <> '';

create table pages (
  id text not null primary key, paper_id text not null, draft_id text not null, seq integer not null,
  state text not null, reason text not null, mime text not null, size integer not null, count integer not null,
  sha256 text not null, blob_key text not null, name blob, source blob, album text not null,
  channel text not null, created_at integer not null, ready_at integer not null
) strict;
create unique index pages_paper on pages (paper_id, seq);

create table dossiers (
  id text not null primary key, code text not null, procedure_code text not null, procedure_version text not null,
  form_version text not null, agency text not null, office text not null, citizen_id text not null,
  conv_id text not null, draft_id text not null, contact blob, contact_hash blob, canonical blob,
  hash text not null, state integer not null, needs_proof integer not null, confidential integer not null,
  submitted_at integer not null, accepted_at integer not null, expected_at integer not null,
  due_at integer not null, clock_paused_at integer not null, paused_for integer not null,
  done_at integer not null, round integer not null, version integer not null, updated_at integer not null
) strict;
create unique index dossiers_draft on dossiers (draft_id) where draft_id <> '';
create index dossiers_citizen on dossiers (citizen_id, submitted_at) where citizen_id <> '';
create index dossiers_conv on dossiers (conv_id, submitted_at) where conv_id <> '';
create index dossiers_contact on dossiers (contact_hash, submitted_at) where contact_hash is not null;
create index dossiers_inbox on dossiers (office, state, id);

create table dossier_codes (
  code_key text not null primary key, code text not null, dossier_id text not null,
  official integer not null, issuer text not null, created_at integer not null
) strict, without rowid;
create index dossier_codes_dossier on dossier_codes (dossier_id);
create unique index dossier_codes_official on dossier_codes (dossier_id) where official = 1;

create table agency_days (
  agency text not null, day text not null, last integer not null, primary key (agency, day)
) strict, without rowid;

create table dossier_events (
  dossier_id text not null, seq integer not null, from_state integer not null, to_state integer not null,
  kind text not null, actor text not null, actor_id text not null, reason text not null, note blob,
  at integer not null, primary key (dossier_id, seq)
) strict, without rowid;

create table supplements (
  id text not null primary key, dossier_id text not null, round integer not null, items blob,
  due_at integer not null, created_at integer not null, answered_at integer not null
) strict;
create unique index supplements_dossier on supplements (dossier_id, round);

create table handoffs (
  hash blob not null primary key, draft_id text not null, from_conv text not null,
  created_at integer not null, expires_at integer not null, used_at integer not null
) strict, without rowid;

create table links (
  hash blob not null primary key, draft_id text not null, dossier_id text not null, conv_id text not null,
  created_at integer not null, expires_at integer not null, finished_at integer not null
) strict, without rowid;

create table challenges (
  id text not null primary key, channel text not null, address blob, address_hash blob not null,
  purpose text not null, created_at integer not null, expires_at integer not null,
  attempts integer not null, tried_at integer not null, used_at integer not null
) strict;
create index challenges_address on challenges (address_hash, created_at);

create table refresh_tokens (
  hash blob not null primary key, family_id text not null, citizen_id text not null,
  created_at integer not null, expires_at integer not null, used_at integer not null, revoked_at integer not null
) strict, without rowid;
create index refresh_tokens_family on refresh_tokens (family_id);

create table kiosks (
  id text not null primary key, office text not null, label text not null, public_key blob not null,
  enrolled_at integer not null, seen_at integer not null, revoked_at integer not null
) strict;

create table enrolments (
  hash blob not null primary key, office text not null, label text not null, created_at integer not null,
  expires_at integer not null, used_at integer not null, kiosk_id text not null
) strict, without rowid;

create table terminal_sessions (
  id text not null primary key, kiosk_id text not null, citizen_id text not null, draft_id text not null,
  locale text not null, started_at integer not null, seen_at integer not null, ended_at integer not null
) strict;
create index terminal_sessions_open on terminal_sessions (kiosk_id) where ended_at = 0;

create table handovers (
  id text not null primary key, conv_id text not null, draft_id text not null, dossier_id text not null,
  office text not null, reason text not null, context blob, created_at integer not null,
  taken_by text not null, taken_at integer not null, closed_at integer not null
) strict;
create index handovers_open on handovers (created_at, id) where closed_at = 0;
create index handovers_conv on handovers (conv_id) where closed_at = 0;

create table notices (
  id text not null primary key, citizen_id text not null, conv_id text not null, dossier_id text not null,
  key text not null, args blob, created_at integer not null, seen_at integer not null
) strict;
create index notices_citizen on notices (citizen_id, created_at) where citizen_id <> '';
create index notices_dossier on notices (dossier_id, created_at) where dossier_id <> '';

create table receipts (
  job_id text not null, part integer not null, conv_id text not null, channel text not null, account text not null,
  external text not null, state text not null, rank integer not null, reason text not null,
  template text not null, units integer not null, created_at integer not null, updated_at integer not null,
  primary key (job_id, part)
) strict, without rowid;
create index receipts_external on receipts (channel, account, external) where external <> '';
create index receipts_conv on receipts (conv_id, created_at) where conv_id <> '';

create table jobs (
  seq integer not null primary key, id text not null, kind text not null, lane text not null,
  order_key text not null, account text not null, payload blob, run_at integer not null, state text not null,
  attempts integer not null, max_attempts integer not null, progress text not null, cause text not null,
  node text not null, lease_until integer not null, fence integer not null, created_at integer not null
) strict;
create unique index jobs_id on jobs (id);
create index jobs_ready on jobs (lane, run_at, seq) where state = 'ready';
create index jobs_key on jobs (order_key, seq) where order_key <> '' and state <> 'parked';
create index jobs_running on jobs (lease_until) where state = 'running';
create index jobs_parked on jobs (seq) where state = 'parked';

create table pauses (
  account text not null primary key, until integer not null
) strict, without rowid;

create table nodes (
  node text not null primary key, beat_at integer not null
) strict, without rowid;

create table audit (
  id text not null primary key, at integer not null, actor text not null, actor_id text not null,
  actor_name text not null, office text not null, op text not null, dossier_id text not null,
  citizen_id text not null, purpose text not null
) strict;
create index audit_dossier on audit (dossier_id, at) where dossier_id <> '';
create index audit_citizen on audit (citizen_id, at) where citizen_id <> '';

create table rpc_replies (
  key blob not null primary key, body_hash blob not null, response blob,
  created_at integer not null, expires_at integer not null
) strict, without rowid;
create index rpc_replies_expiry on rpc_replies (expires_at);

create table packs (
  version text not null primary key, hash text not null, bound_at integer not null
) strict, without rowid;

-- +goose Down
select 'the first migration has no way back: restore a backup';
