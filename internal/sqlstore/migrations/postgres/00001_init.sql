-- The first schema. Times are UTC microseconds, 0 = not set. Columns of type bytea
-- hold sealed personal data (AAD = table.column ‖ row id) or keyed hashes. There
-- are no foreign keys: rows outlive one another on purpose (a dossier outlives
-- its draft, a receipt its job), and the use cases own what is erased with what.

-- +goose Up
create table inbox (
  channel text not null, account text not null, event_id text not null,
  conv_id text not null, received_at bigint not null,
  parked_at bigint not null default 0, cause text not null default '', raw bytea,
  primary key (channel, account, event_id)
);
create index inbox_parked on inbox (parked_at) where parked_at > 0;

create table addresses (
  id text not null primary key, channel text not null, account text not null,
  key_hash bytea not null, external bytea, citizen_id text not null,
  assurance bigint not null, no_notices boolean not null,
  created_at bigint not null, updated_at bigint not null
);
create unique index addresses_key on addresses (key_hash);
create index addresses_citizen on addresses (citizen_id) where citizen_id <> '';

create table conversations (
  id text not null primary key, address_id text not null, channel text not null, account text not null,
  citizen_id text not null, draft_id text not null, locale text not null, state bytea,
  version bigint not null, created_at bigint not null, updated_at bigint not null
);
create unique index conversations_address on conversations (address_id);
create index conversations_draft on conversations (draft_id) where draft_id <> '';

create table citizens (
  id text not null primary key, profile bytea, personal_hash bytea, assurance bigint not null,
  version bigint not null, created_at bigint not null, updated_at bigint not null
);
create index citizens_personal on citizens (personal_hash) where personal_hash is not null;

create table drafts (
  id text not null primary key, procedure_code text not null, procedure_version text not null,
  form_id text not null, form_version text not null, office text not null, citizen_id text not null,
  answers bytea, state text not null, dossier_id text not null, holder text not null,
  version bigint not null, created_at bigint not null, updated_at bigint not null, expires_at bigint not null
);
create index drafts_citizen on drafts (citizen_id, updated_at) where state = 'open' and citizen_id <> '';

create table papers (
  id text not null primary key, draft_id text not null, dossier_id text not null,
  requirement text not null, round bigint not null, created_at bigint not null
);
create index papers_draft on papers (draft_id) where draft_id <> '';
create index papers_dossier on papers (dossier_id) where dossier_id <> '';

create table pages (
  id text not null primary key, paper_id text not null, draft_id text not null, seq bigint not null,
  state text not null, reason text not null, mime text not null, size bigint not null, count bigint not null,
  sha256 text not null, blob_key text not null, name bytea, source bytea, album text not null,
  channel text not null, created_at bigint not null, ready_at bigint not null
);
create unique index pages_paper on pages (paper_id, seq);

create table dossiers (
  id text not null primary key, code text not null, procedure_code text not null, procedure_version text not null,
  form_version text not null, agency text not null, office text not null, citizen_id text not null,
  conv_id text not null, draft_id text not null, contact bytea, contact_hash bytea, canonical bytea,
  hash text not null, state bigint not null, needs_proof boolean not null, confidential boolean not null,
  submitted_at bigint not null, accepted_at bigint not null, expected_at bigint not null,
  due_at bigint not null, clock_paused_at bigint not null, paused_for bigint not null,
  done_at bigint not null, round bigint not null, version bigint not null, updated_at bigint not null
);
create unique index dossiers_draft on dossiers (draft_id) where draft_id <> '';
create index dossiers_citizen on dossiers (citizen_id, submitted_at) where citizen_id <> '';
create index dossiers_conv on dossiers (conv_id, submitted_at) where conv_id <> '';
create index dossiers_contact on dossiers (contact_hash, submitted_at) where contact_hash is not null;
create index dossiers_inbox on dossiers (office, state, id);

create table dossier_codes (
  code_key text not null primary key, code text not null, dossier_id text not null,
  official boolean not null, issuer text not null, created_at bigint not null
);
create index dossier_codes_dossier on dossier_codes (dossier_id);
create unique index dossier_codes_official on dossier_codes (dossier_id) where official;

create table agency_days (
  agency text not null, day text not null, last bigint not null, primary key (agency, day)
);

create table dossier_events (
  dossier_id text not null, seq bigint not null, from_state bigint not null, to_state bigint not null,
  kind text not null, actor text not null, actor_id text not null, reason text not null, note bytea,
  at bigint not null, primary key (dossier_id, seq)
);

create table supplements (
  id text not null primary key, dossier_id text not null, round bigint not null, items bytea,
  due_at bigint not null, created_at bigint not null, answered_at bigint not null
);
create unique index supplements_dossier on supplements (dossier_id, round);

create table handoffs (
  hash bytea not null primary key, draft_id text not null, from_conv text not null,
  created_at bigint not null, expires_at bigint not null, used_at bigint not null
);

create table links (
  hash bytea not null primary key, draft_id text not null, dossier_id text not null, conv_id text not null,
  created_at bigint not null, expires_at bigint not null, finished_at bigint not null
);

create table challenges (
  id text not null primary key, channel text not null, address bytea, address_hash bytea not null,
  purpose text not null, created_at bigint not null, expires_at bigint not null,
  attempts bigint not null, tried_at bigint not null, used_at bigint not null
);
create index challenges_address on challenges (address_hash, created_at);

create table refresh_tokens (
  hash bytea not null primary key, family_id text not null, citizen_id text not null,
  created_at bigint not null, expires_at bigint not null, used_at bigint not null, revoked_at bigint not null
);
create index refresh_tokens_family on refresh_tokens (family_id);

create table kiosks (
  id text not null primary key, office text not null, label text not null, public_key bytea not null,
  enrolled_at bigint not null, seen_at bigint not null, revoked_at bigint not null
);

create table enrolments (
  hash bytea not null primary key, office text not null, label text not null, created_at bigint not null,
  expires_at bigint not null, used_at bigint not null, kiosk_id text not null
);

create table terminal_sessions (
  id text not null primary key, kiosk_id text not null, citizen_id text not null, draft_id text not null,
  locale text not null, started_at bigint not null, seen_at bigint not null, ended_at bigint not null
);
create index terminal_sessions_open on terminal_sessions (kiosk_id) where ended_at = 0;

create table handovers (
  id text not null primary key, conv_id text not null, draft_id text not null, dossier_id text not null,
  office text not null, reason text not null, context bytea, created_at bigint not null,
  taken_by text not null, taken_at bigint not null, closed_at bigint not null
);
create index handovers_open on handovers (created_at, id) where closed_at = 0;
create index handovers_conv on handovers (conv_id) where closed_at = 0;

create table notices (
  id text not null primary key, citizen_id text not null, conv_id text not null, dossier_id text not null,
  key text not null, args bytea, created_at bigint not null, seen_at bigint not null
);
create index notices_citizen on notices (citizen_id, created_at) where citizen_id <> '';
create index notices_dossier on notices (dossier_id, created_at) where dossier_id <> '';

create table receipts (
  job_id text not null, part bigint not null, conv_id text not null, channel text not null, account text not null,
  external text not null, state text not null, rank bigint not null, reason text not null,
  template text not null, units bigint not null, created_at bigint not null, updated_at bigint not null,
  primary key (job_id, part)
);
create index receipts_external on receipts (channel, account, external) where external <> '';
create index receipts_conv on receipts (conv_id, created_at) where conv_id <> '';

-- The place of a job in the order of its key. It is drawn under the key's advisory
-- lock, so that the order of numbers is the order of commits.
create sequence jobs_seq;

create table jobs (
  seq bigint not null primary key, id text not null, kind text not null, lane text not null,
  order_key text not null, account text not null, payload bytea, run_at bigint not null, state text not null,
  attempts bigint not null, max_attempts bigint not null, progress text not null, cause text not null,
  node text not null, lease_until bigint not null, fence bigint not null, created_at bigint not null
);
create unique index jobs_id on jobs (id);
create index jobs_ready on jobs (lane, run_at, seq) where state = 'ready';
create index jobs_key on jobs (order_key, seq) where order_key <> '' and state <> 'parked';
create index jobs_running on jobs (lease_until) where state = 'running';
create index jobs_parked on jobs (seq) where state = 'parked';

create table pauses (
  account text not null primary key, until bigint not null
);

create table nodes (
  node text not null primary key, beat_at bigint not null
);

create table audit (
  id text not null primary key, at bigint not null, actor text not null, actor_id text not null,
  actor_name text not null, office text not null, op text not null, dossier_id text not null,
  citizen_id text not null, purpose text not null
);
create index audit_dossier on audit (dossier_id, at) where dossier_id <> '';
create index audit_citizen on audit (citizen_id, at) where citizen_id <> '';

create table rpc_replies (
  key bytea not null primary key, body_hash bytea not null, response bytea,
  created_at bigint not null, expires_at bigint not null
);
create index rpc_replies_expiry on rpc_replies (expires_at);

create table packs (
  version text not null primary key, hash text not null, bound_at bigint not null
);

-- motcua_must stops a transaction whose statement did not meet exactly one row, so
-- that a batch that ends with COMMIT commits nothing. The code is an SQLSTATE of
-- class MC, which no other software uses.
-- +goose StatementBegin
create function motcua_must(n bigint, code text) returns bigint language plpgsql as $$
begin
  if n <> 1 then
    raise exception 'met % rows instead of one', n using errcode = code;
  end if;
  return n;
end
$$;
-- +goose StatementEnd

-- +goose Down
select 'the first migration has no way back: restore a backup';
