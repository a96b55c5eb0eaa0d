#!/usr/bin/env bash
# Files a marital-status certificate over the simulated chat of a running
# `make run`, has the officer accept it, and prints what the citizen reads.
# Needs curl. Run it again with another name: docs/try/file-a-dossier.sh hoa
set -euo pipefail
base=${MOTCUA_URL_FOR_TRY:-http://127.0.0.1:8080}
person=${1:-mai-$RANDOM}

post() { curl -fsS -X POST "$base$1" -H 'Content-Type: application/json' ${3:+-H "$3"} -d "$2"; }
say() {
  echo "C> $1"
  post /sim/api/v1/say "{\"channel\":\"telegram\",\"person\":\"$person\",\"text\":\"$1\"}"
  echo
}
photo() {
  echo "C> (photo: $1)"
  post /sim/api/v1/photo "{\"channel\":\"telegram\",\"person\":\"$person\",\"sample\":\"$1\"}"
  echo
}

say "/start"
say "xin xác nhận độc thân"
say "1"                              # file it here
say "bến nghé quận 1"                # the old name of the ward …
say "đúng"                           # … belongs to phường Sài Gòn today
say "Trần Thị Mai"
say "079190000012"
say "12 Lê Lợi, phường Sài Gòn"
say "1"                              # for myself
say "4/9/1990"
say "kinh"
say "3"                              # divorced
say "Quyết định 123/2020 ngày 5/5/2020, Tòa án nhân dân Quận 1"
say "1"                              # to marry
say "Lê Quốc Huy"
say "1"                              # electronic result
say "0901 234 567"
say "không"
say "không"
photo "quyet-dinh-1"
photo "quyet-dinh-2"
say "xong"
receipt=$(say "đồng ý")
echo "$receipt"
code=$(grep -o 'H29\.[0-9]*-[0-9]*-[0-9]*' <<<"$receipt" | head -1)
[ -n "$code" ] || { echo "no dossier was filed" >&2; exit 1; }

token=$(post /sim/tokens '{}' | sed -n 's/.*"officer":"\([^"]*\)".*/\1/p')
echo "officer accepts $code"
post /motcua.agency.v1.DossierService/Accept "{\"code\":\"$code\",\"identityChecked\":true}" "Authorization: Bearer $token"
echo
say "$code"
echo "filed: $code"
