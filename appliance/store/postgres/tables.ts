/**
 * The tables, all in the schema `reeve` of the database. Times are epoch ms. `about.term` grows with each start, which tells whether
 * another appliance has been here; `about.filled` marks what it was filled with last, from the moment on at which all is in it. Documents are one table, so that a new kind needs no statement. `body` is the document as JSON to
 * the letter: `jsonb` refuses NUL and forgets the order of keys, which the audit trail signs. `fields` is what is looked up: the
 * values of its top level as the schema of today sees them, made anew when a kind is opened; null while the document does not fit.
 * The fields that a kind names get an index then. Chunks lie in their own table beside the partitions, so
 * that what is found is read without what is stored. A partition whose chunks are still coming is not placed: it does not count, and
 * goes when it was left behind. Commits of one segment are dropped together, because later ones lean on earlier ones. What is packed
 * already is not packed again.
 */
export const TABLES = `
create table reeve.about (
  id text not null,
  format integer not null,
  term bigint not null,
  filled text
);
create table reeve.documents (
  kind text collate "C" not null,
  id text collate "C" not null,
  rev bigint not null,
  body text not null,
  fields jsonb,
  primary key (kind, id)
);
create table reeve.commits (
  lane text not null,
  number bigint not null,
  segment bigint not null,
  payload bytea not null,
  crc bigint not null,
  primary key (lane, number)
);
create table reeve.records (
  id text collate "C" primary key,
  body text not null,
  crc bigint not null
);
create table reeve.partitions (
  id text collate "C" primary key,
  tier text not null,
  lane text not null,
  starts_at bigint not null,
  span_ms bigint not null,
  through bigint not null,
  is_whole boolean not null,
  is_placed boolean not null
);
create table reeve.chunks (
  partition text collate "C" not null references reeve.partitions on delete cascade,
  number integer not null,
  host_id text collate "C" not null,
  first_at bigint not null,
  last_at bigint not null,
  rows integer not null,
  interval_ms bigint not null,
  body bytea not null,
  crc bigint not null,
  primary key (partition, number)
);
create index on reeve.chunks (host_id);
alter table reeve.commits alter column payload set storage external;
alter table reeve.chunks alter column body set storage external;
`;
