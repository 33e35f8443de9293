-- The practice network's own state. Moments are seconds since 1970.
create table if not exists communities (
  id integer primary key,
  handle text not null unique,
  name text not null,
  about text not null default '',
  language text not null default 'ru',
  flavour text not null default 'keyed' check (flavour in ('keyed', 'searchable', 'neither')),
  seed text not null,
  followers integer not null,
  created_at real not null
);
create table if not exists tokens (
  digest text primary key,
  community integer not null references communities on delete cascade,
  kind text not null check (kind in ('access', 'refresh')),
  scopes text not null,
  expires_at real,
  revoked integer not null default 0
);
create table if not exists posts (
  id integer primary key autoincrement,
  community integer not null references communities on delete cascade,
  text text not null,
  link text,
  poll text,
  key text,
  created_at real not null,
  edited_at real,
  deleted_at real,
  audience integer not null,
  pace real not null,
  answers integer references posts on delete set null,
  form text not null default 'post',
  unique (community, key)
);
create index if not exists posts_by_time on posts (community, created_at);
create table if not exists media (
  id text primary key,
  community integer not null references communities on delete cascade,
  mime text not null,
  size integer not null,
  width integer not null default 0,
  height integer not null default 0,
  alt text not null default '',
  post integer references posts on delete set null,
  position integer not null default 0,
  created_at real not null
);
create index if not exists media_by_post on media (post, position);
create table if not exists comments (
  id integer primary key autoincrement,
  post integer not null references posts on delete cascade,
  text text not null,
  key text,
  created_at real not null,
  author text not null default '', -- '' = the community itself
  answers text not null default '', -- the id of the comment that this one answers
  unique (post, key)
);
create table if not exists letters (
  id integer primary key autoincrement,
  community integer not null references communities on delete cascade,
  conversation text not null,
  author text not null default '', -- '' = the community itself
  text text not null,
  key text,
  created_at real not null,
  unique (community, key)
);
create table if not exists mentions (
  id integer primary key autoincrement,
  community integer not null references communities on delete cascade,
  author text not null,
  text text not null,
  url text not null default '',
  created_at real not null
);
create table if not exists profiles (
  community integer primary key references communities on delete cascade,
  told text not null default '{}',
  avatar text references media on delete set null,
  cover text references media on delete set null,
  pinned integer references posts on delete set null
);
create table if not exists faults (
  id integer primary key autoincrement,
  kind text not null,
  community integer references communities on delete cascade,
  hits text not null,
  remaining integer,
  until real,
  params text not null default '{}'
);
