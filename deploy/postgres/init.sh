#!/bin/sh
# First start of the database container: a database a service, its owner (migrations) and its application role, which owns nothing.
set -eu
for service in enterprise training metrics gateway; do
  psql -v ON_ERROR_STOP=1 -v owner_password="$SCORE_OWNER_PASSWORD" -v app_password="$SCORE_APP_PASSWORD" \
    -v service="$service" -v owner="${service}_owner" -v app="${service}_app" -v database="score_${service}" -U postgres <<'SQL'
create role :"owner" login password :'owner_password' nosuperuser nocreatedb nocreaterole;
create role :"app" login password :'app_password' nosuperuser nocreatedb nocreaterole nobypassrls;
create database :"database" owner :"owner";
revoke connect, temporary on database :"database", postgres, template1 from public;
grant connect on database :"database" to :"app";
\connect :"database"
alter schema public owner to :"owner";
create extension if not exists pg_trgm;
create extension if not exists unaccent;
create extension if not exists btree_gist;
-- behind row-level security an index is used only by functions that are known to tell nothing of the rows they pass over
alter function textlike(text, text) leakproof;
alter function string_to_array(text, text) leakproof;
alter function arrayoverlap(anyarray, anyarray) leakproof;
alter function arraycontains(anyarray, anyarray) leakproof;
alter function arraycontained(anyarray, anyarray) leakproof;
alter function jsonb_contains(jsonb, jsonb) leakproof;
alter function "left"(text, integer) leakproof;
SQL
done
